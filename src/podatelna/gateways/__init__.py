"""Connections to mail servers, their ledger, and the fetch loop."""
