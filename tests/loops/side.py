"""One installation of the two, as a process of its own: python -m tests.loops.side; a JSON object a line, in and out.

{"open": "helpdesk@acme.cz"}: a process with this address that answers by itself. {"write": "x@y.cz"}: its person writes
there. {"mail": [raw in base64, envelope sender]}: mail arrives. {"work": minutes}: everything that is due then is done.
Each is answered with the list of messages that left: [raw in base64, envelope sender, recipients].
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import django


def main() -> None:
    """Do what is asked until there is no more."""
    django.setup()
    side = _Side()
    for line in sys.stdin:
        [(what, value)] = json.loads(line).items()
        getattr(side, f"do_{what}")(value)
        print(json.dumps(side.left()), flush=True)


class _Side:
    def __init__(self) -> None:
        from tests.cast import NOON

        self.now = NOON
        self._left: list[list[Any]] = []

    def left(self) -> list[list[Any]]:
        """What left since this was asked last."""
        left, self._left = self._left, []
        return left

    def do_open(self, address: str) -> None:
        from podatelna.desk.processes import add_address, add_member, create_process
        from tests.cast import a_gateway, a_person

        self.person = a_person("Writer")
        self.process, self.gateway = create_process("Helpdesk", "", None), a_gateway(address, "Helpdesk")
        add_address(self.process, self.gateway, address, None)
        add_member(self.process, self.person, "lead", None)
        self.process.answers, self.process.answer_en = True, "We have it as {number}."
        self.process.save()

    def do_write(self, to: str) -> None:
        from podatelna.desk import drafts, replies

        draft = drafts.open_draft(self.person, "new", self.now, process=self.process)
        draft = drafts.save(draft, self.now, revision=draft.revision, to=to, subject="A question", text="Can you help?")
        replies.send(draft, self.now, seen_until=None)

    def do_mail(self, mail: list[str]) -> None:
        from tests.cast import receive

        raw, mail_from = base64.b64decode(mail[0]), mail[1]
        # As a mailbox has it: the last server writes the envelope's sender down (RFC 5321 4.4).
        receive(f"Return-Path: <{mail_from}>\r\n".encode() + raw, self.gateway, self.now)

    def do_work(self, minutes: int) -> None:
        from podatelna.desk import sent
        from podatelna.desk.automatic_answers import answer_due
        from podatelna.outbox.delivery import deliver_due

        self.now += timedelta(minutes=minutes)
        answer_due(self.now)
        deliver_due(
            transport=self._transport, now=lambda: self.now, archive=sent.file_sent, announce=sent.announce,
            in_turn=sent.in_turn,
        )  # fmt: skip

    def _transport(
        self, server: Any, raw: bytes, mail_from: str, rcpt_to: Sequence[str], *, handing_over: Callable[[], None]
    ) -> Any:
        from tests.cast import accepted

        handing_over()
        self._left.append([base64.b64encode(raw).decode("ascii"), mail_from, list(rcpt_to)])
        return accepted(rcpt_to)


if __name__ == "__main__":
    main()
