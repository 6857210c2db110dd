"""The certificate that our own server shows, read again when it was renewed."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass
class Certificate:
    """A file with a certificate and those that lead to its root, and one with its key, both PEM.

    Raises OSError (ssl.SSLError is one) when they cannot be used.
    """

    chain: Path
    key: Path
    _context: ssl.SSLContext = field(init=False)
    _seen: tuple[tuple[int, int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self._look()
        self._context = self._load()

    def context(self) -> ssl.SSLContext:
        """For the next connection. While the new files do not fit each other, as amid a renewal, the old ones."""
        try:
            seen = self._look()
            if seen != self._seen:
                self._context, self._seen = self._load(), seen
        except OSError as error:
            log.warning("the certificate %s cannot be read again, the one from before is shown: %s", self.chain, error)
        return self._context

    def _look(self) -> tuple[tuple[int, int, int], ...]:
        stats = [path.stat() for path in (self.chain, self.key)]
        return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.chain, self.key)
        return context
