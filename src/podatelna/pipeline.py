"""receive(): the whole inbound path, readable top to bottom."""
