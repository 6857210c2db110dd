"""Handing one message to an SMTP server (RFC 5321): exact bytes, one reply per recipient, honest when it breaks."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podatelna.mail.header_writing import needs_smtputf8

from .errors import ProtocolBroken, Uncertain
from .network import Timeouts
from .smtp_session import TIMEOUTS, Reply, Session, SmtpServer, on_the_wire, session, translated

__all__ = ["Outcome", "Reply", "SmtpServer", "deliver"]

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
# What needs no xtext (RFC 3461 4) and is not too long: ours is of that kind.
_NAMED = re.compile(rb"(?mi)^message-id:[ \t]*<([!-*,-;?-~]{1,100})>")


@dataclass(frozen=True)
class Outcome:
    """`replies`: for each recipient the reply that decided; `final`: the one to the message, if it got so far."""

    replies: dict[str, Reply]
    final: Reply | None


def deliver(
    server: SmtpServer,
    raw: bytes,
    mail_from: str,
    rcpt_to: Sequence[str],
    *,
    handing_over: Callable[[], None],
    context: ssl.SSLContext | None = None,
    timeouts: Timeouts = TIMEOUTS,
) -> Outcome:
    """Send `raw` (CRLF lines) from `mail_from` ("" for none) to `rcpt_to`, byte for byte.

    `handing_over()` is called when the server waits for the message, right before its first byte leaves. Raises a
    ServerError while nothing was handed over (try again later), Uncertain when the connection broke after it.
    What the server refused, for good or for now, is no error but stands in the Outcome.
    """
    if _BARE.search(raw):
        # RFC 5321 2.3.8 forbids them, and servers that take them as line ends can be made to read a second message.
        return _all(rcpt_to, Reply(554, "5.6.0 the message has bare CR or LF and was not sent"))
    with session(server, context=context, timeouts=timeouts) as smtp:
        return _Handover(smtp, raw, mail_from, rcpt_to, timeouts.final).run(handing_over)


class _Handover:
    """One MAIL transaction."""

    def __init__(self, smtp: Session, raw: bytes, mail_from: str, rcpt_to: Sequence[str], patience: float) -> None:
        self.smtp, self.raw, self.mail_from, self.rcpt_to, self.patience = smtp, raw, mail_from, rcpt_to, patience
        self.replies: dict[str, Reply] = {}

    def run(self, handing_over: Callable[[], None]) -> Outcome:
        unfit = self._unfit()
        if unfit:
            return _all(self.rcpt_to, unfit)
        with translated():
            sender = self.smtp.say(f"MAIL FROM:<{on_the_wire(self.mail_from)}>{self._parameters()}")
        if not sender.accepted:
            return _all(self.rcpt_to, sender)
        with translated():
            self._name_recipients()
            taken = [address for address, reply in self.replies.items() if reply.accepted]
            if not taken:
                return Outcome(self.replies, None)
            ready = self.smtp.say("DATA")
        if ready.code != 354:
            if not 400 <= ready.code < 600:  # nothing was handed over: no "250" may make that a success
                raise ProtocolBroken(f"DATA was answered {ready.code} {ready.text}")
            return self._finish(taken, ready)
        handing_over()
        return self._finish(taken, self._hand_over())

    def _unfit(self) -> Reply | None:
        limit = self.smtp.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(self.raw):  # RFC 1870
            return Reply(552, f"5.3.4 the message has {len(self.raw)} bytes, the server takes {limit}")
        if not self.raw.isascii() and not self.smtp.has_extn("8bitmime"):
            return Reply(554, "5.6.3 the message has 8-bit text, which this server does not take")
        if not on_the_wire(self.mail_from).isascii() and not self.smtp.has_extn("smtputf8"):
            return Reply(553, "5.6.7 the server does not take a sender address with such characters")
        if needs_smtputf8(self.raw) and not self.smtp.has_extn("smtputf8"):
            return Reply(553, "5.6.7 the server does not take addresses with such characters in the header")
        return None

    def _parameters(self) -> str:
        parameters = f" SIZE={len(self.raw)}" if self.smtp.has_extn("size") else ""
        if not self.raw.isascii():
            parameters += " BODY=8BITMIME"
        addresses = (self.mail_from, *self.rcpt_to)
        if needs_smtputf8(self.raw) or any(not on_the_wire(address).isascii() for address in addresses):
            parameters += " SMTPUTF8" if self.smtp.has_extn("smtputf8") else ""
        return parameters + self._envelope_id()

    def _envelope_id(self) -> str:
        """The Message-ID, by which a delivery report may then name the message (RFC 3461 4.4)."""
        named = _NAMED.search(self.raw[: self.raw.find(b"\r\n\r\n") + 2])
        if named is None or not self.mail_from or not self.smtp.has_extn("dsn"):
            return ""
        return f" ENVID={named.group(1).decode('ascii')}"

    def _name_recipients(self) -> None:
        for address in self.rcpt_to:
            if not on_the_wire(address).isascii() and not self.smtp.has_extn("smtputf8"):
                self.replies[address] = Reply(553, "5.6.7 the server does not take an address with such characters")
            else:
                self.replies[address] = self.smtp.say(f"RCPT TO:<{on_the_wire(address)}>")

    def _hand_over(self) -> Reply:
        try:
            self.smtp.sock.settimeout(self.patience)
            stuffed = re.sub(rb"(?m)^\.", b"..", self.raw)  # RFC 5321 4.5.2
            self.smtp.send(stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n.\r\n"))
            reply = self.smtp.hear()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Uncertain(str(error)) from error
        if not reply.accepted and not 400 <= reply.code < 600:
            raise Uncertain(f"{reply.code} {reply.text}")
        return reply

    def _finish(self, taken: Sequence[str], final: Reply) -> Outcome:
        return Outcome(self.replies | dict.fromkeys(taken, final), final)


def _all(rcpt_to: Sequence[str], reply: Reply) -> Outcome:
    return Outcome(dict.fromkeys(rcpt_to, reply), None)
