"""The archive: every message durable first, stored once, threaded, found."""
