"""Podatelna: a shared mail desk and archive."""

__version__ = "0.1.0"
