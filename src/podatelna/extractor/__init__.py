"""The text inside of files: bytes in, text out, read by a process that may do nothing else. No Django."""
