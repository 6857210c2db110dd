"""Data of past releases is taken along: see make.py for how it was made."""
