"""What can be wrong with a domain, mailbox or alias.

MailserverError
├── Malformed     it is no name of a domain, or no local part
├── Taken         there is one of this name already
└── InUse         it cannot go while something hangs on it
"""


class MailserverError(Exception):
    """Something about the provided mail server that was asked for and cannot be."""


class Malformed(MailserverError):
    """No name of a domain, or no local part of an address."""


class Taken(MailserverError):
    """A domain, mailbox or alias of this name is there already."""


class InUse(MailserverError):
    """A domain that still has mailboxes or aliases."""
