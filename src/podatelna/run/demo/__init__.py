"""A small Czech company to try the desk with: its people, its mail server, and the world that writes to it."""
