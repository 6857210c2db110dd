"""Search over the archive: one interface, SQLite FTS5 and PostgreSQL behind it."""
