"""Rules: what is done by itself with mail that comes or goes, where it is as somebody has written down."""
