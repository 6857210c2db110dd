"""E-mail as values: bytes in, values out, bytes back. No Django, no I/O, no clock of its own."""
