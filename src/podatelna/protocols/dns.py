"""DNS for verdicts about mail: a resolver that really asks, and stops asking where there is no DNS."""

from __future__ import annotations

from collections.abc import Sequence

import dns.exception
import dns.resolver

from podatelna.mail.resolver import Unanswered

_SECONDS = 5.0
_GIVE_UP_AFTER = 3
_MOST_ANSWERS = 10_000  # kept for the length of one run; mail comes from few domains again and again


class Dns:
    """Asks the system's name servers (mail.resolver.Resolver); after three time-outs in a row it asks no more.

    Without a network every question would wait for its time-out, and a thousand messages for hours.
    """

    def __init__(self) -> None:
        self._silent = 0
        self._answers: dict[tuple[str, str], Sequence[str]] = {}
        try:
            self._resolver: dns.resolver.Resolver | None = dns.resolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            self._resolver = None

    def __call__(self, name: str, kind: str, /) -> Sequence[str]:
        """Records as texts; [] when there are none. Raises Unanswered."""
        if (name, kind) not in self._answers:
            answer = self._ask(name, kind)
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[name, kind] = answer
        return self._answers[name, kind]

    def _ask(self, name: str, kind: str) -> Sequence[str]:
        if self._resolver is None or self._silent >= _GIVE_UP_AFTER:
            raise Unanswered(name)
        try:
            found = self._resolver.resolve(name, kind, lifetime=_SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            self._silent = 0
            return []
        except (dns.exception.DNSException, OSError) as error:
            self._silent += 1
            raise Unanswered(name) from error
        self._silent = 0
        return [_text(record) for record in found]


def _text(record: object) -> str:
    strings = getattr(record, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return str(record).rstrip(".")
