"""People and organisations written to and from."""
