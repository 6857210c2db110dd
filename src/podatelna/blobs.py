"""Bytes by content hash: put, open, sweep; on a local folder or S3."""
