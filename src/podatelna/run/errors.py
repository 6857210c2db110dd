"""What a command refuses to do, in words for the person at the console.

Refused
├── NotPrepared      the database has not been migrated
└── PortTaken        another program listens there
"""

from __future__ import annotations


class Refused(Exception):
    """The command cannot be carried out; the message is one line: what is wrong and what to do."""


class NotPrepared(Refused):
    """The database lacks tables of this version."""


class PortTaken(Refused):
    """Another program listens on the port."""
