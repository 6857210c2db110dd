"""The ledger in words: how messages ended, where they are, why a ledger was closed, what a gap is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from podatelna.gateways import relocation
from podatelna.gateways.ledger import CAME_BACK
from podatelna.gateways.models import Count, LedgerEntry

Text = str | Promise
QUARANTINED = "quarantined"  # archived, and shunted by the pipeline

ENDS: dict[str, Text] = {
    LedgerEntry.End.ARCHIVED: _("archived"),
    LedgerEntry.End.DUPLICATE: _("here already"),
    QUARANTINED: _("archived, but not processed"),
    LedgerEntry.End.FAILED: _("not fetched yet"),
    LedgerEntry.End.LEFT: _("left where it was"),
}
MOVES: dict[str, Text] = {
    LedgerEntry.Move.PENDING: _("still in the folder"),
    LedgerEntry.Move.MOVED: _("moved to the processed folder"),
    LedgerEntry.Move.MARKED: _("marked, the server cannot move"),
    LedgerEntry.Move.GONE: _("was gone before it was moved"),
    LedgerEntry.Move.STAYS: _("stays in the folder"),
}
WHY: dict[str, Text] = {
    relocation.RELOCATED: _("closed when the mailbox was pointed at another server or login"),
    relocation.RENUMBERED: _("closed when the server numbered the folder anew"),
    relocation.RESTORED: _("closed when the server gave out numbers a second time, as after a restore from a backup"),
}
_REASONS: dict[str, Text] = {
    CAME_BACK: _("It stood there again after it had been moved. The server was restored, or it gives moved mail back."),
    "the server left it out": _("The server lists it and does not give it. Open it in a mail program there."),
    "gone before it could be fetched": _("Somebody took it away before it could be fetched."),
}


def reason_words(reason: str) -> Text:
    """Why an entry is as it is; what the server said is shown as it is."""
    return _REASONS.get(reason, reason)


@dataclass(frozen=True)
class Gap:
    """One way in which a count does not add up: how many, what it means, what to do."""

    number: int
    happened: Text
    to_do: Text


def gaps(count: Count) -> list[Gap]:
    """What does not add up in a count; [] when all does."""
    found = [
        Gap(
            count.unknown,
            _("Messages stand in the folder that the ledger does not have."),
            _("They are fetched at the next look. If they are still here tomorrow, report it: it is a fault of ours."),
        ),
        Gap(
            count.lost_entries,
            _("The ledger has fewer lines than at the count before."),
            _("The database was changed or brought back from a backup. What is archived can be checked by `verify`."),
        ),
        Gap(
            count.unarrived,
            _("Messages were moved, and the processed folder has not got so many."),
            _("They are archived here. Look for them on the server, or ask whoever runs it; then accept the gap."),
        ),
    ]
    return [gap for gap in found if gap.number]
