"""Contacts and organisations over HTTP."""
