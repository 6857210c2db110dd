"""What is wrong with a search, in the reader's words, and the searches that were probably meant."""

from __future__ import annotations

from django.utils.translation import gettext as _

from podatelna.archive.search import QueryError

_MOST_MEANT = 6


def words_for(error: QueryError) -> str:
    """What is wrong with the query and how to say it instead, in the reader's language."""
    words = {
        "empty": _("There is nothing to search for: type a word."),
        "too-long": _("The search is too long. A few words are enough."),
        "unknown-operator": _(
            "“%(detail)s” is not known here. There are %(known)s."
            " To search for the words themselves, put them into quotes."
        ),
        "needs-value": _("“%(detail)s” needs something after the colon, without a space."),
        "bad-date": _("“%(detail)s” is not a date. Write 2026, 2026-05, 2026-05-31 or 31.5.2026."),
        "bad-has": _("“has:%(detail)s” is not known. Write has:attachment."),
        "bad-in": _("You are in no process called “%(detail)s”. There are: %(known)s."),
        "bad-case": _("You see no case “%(detail)s”. Write its number, like case:2026-0017."),
        "bad-tag": _("You see nothing that is tagged “%(detail)s”. There are: %(known)s."),
        "bad-priority": _("“priority:%(detail)s” is not known. Write one of %(known)s."),
        "bad-is": _("“is:%(detail)s” is not known. Write one of %(known)s."),
        "bad-sort": _("“sort:%(detail)s” is not known. Write sort:relevance or sort:newest."),
        "date-in-or": _("“%(detail)s” holds for the whole search: it cannot stand beside OR or after a minus."),
        "whole-in-or": _("“%(detail)s” holds for the whole search: it cannot stand beside OR."),
    }
    return words.get(error.code, str(error)) % {"detail": error.detail, "known": " ".join(_listed(error))}


def _listed(error: QueryError) -> list[str]:
    # Names of processes may have blanks: there the comma tells them apart.
    if error.code in ("bad-in", "bad-tag"):
        return [", ".join(name.strip('"') for name in error.known) or "–"]
    return list(error.known)


def meant(query: str, error: QueryError) -> list[str]:
    """The query as it was probably meant, in up to a few ways; [] when nobody can tell."""
    before, after = query[: error.position], query[error.position + len(error.detail) :]
    if error.code == "unknown-operator":
        quoted = _quoted(query, error)
        return [f"{before}{error.known[0]}{after}", *([quoted] if quoted else [])]
    if error.code in ("bad-is", "bad-sort", "bad-priority"):
        instead = [known.partition(":")[2] for known in error.known]
    elif error.code in ("bad-in", "bad-tag"):
        # What was typed in quotes loses them with what stood in them.
        before, after = before.removesuffix('"'), after.removeprefix('"')
        instead = list(error.known)
    elif error.code == "bad-has":
        instead = ["attachment"]
    else:
        return []
    return [f"{before}{one}{after}" for one in instead[:_MOST_MEANT]]


def _quoted(query: str, error: QueryError) -> str:
    """The unknown operator and its value as plain words."""
    end = next((at for at in range(error.position, len(query)) if query[at].isspace()), len(query))
    word = query[error.position : end]
    return "" if '"' in word else f'{query[: error.position]}"{word}"{query[end:]}'
