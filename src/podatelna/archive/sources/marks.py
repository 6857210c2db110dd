"""Labels of a message by where it stood and by what its own mailbox wrote beside it: Maildir, mbox, Apple Mail."""

from __future__ import annotations

import re
from pathlib import Path

from podatelna.archive.labels import flag, folder, keyword
from podatelna.mail.header_text import decoded_text
from podatelna.protocols.folders import decode

from .found import Place

_LETTERS = {"P": "$Forwarded", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted", "D": "\\Draft", "F": "\\Flagged"}
_MAILDIR_INFO = re.compile(r"[:;!]2,(?P<letters>[A-Za-z,]*)$")  # ":" cannot stand in a name on Windows
_MAILBOXES = {"maildir", ".maildir", "mail"}
_HEAD = 64 * 1024
_BLANK = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(
    rb"^(status|x-status|x-keywords|x-gmail-labels):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.I | re.M
)
_STATUS_LETTERS = {"R": "\\Seen", "A": "\\Answered", "F": "\\Flagged", "D": "\\Deleted", "T": "\\Draft"}
# Gmail names these in the language of the account; the English ones are most of all Takeouts.
_GMAIL_FLAGS = {"opened": "\\Seen", "starred": "\\Flagged", "drafts": "\\Draft"}
_GMAIL_NOISE = {"unread", "archived"}
_APPLE_FLAGS = {0: "\\Seen", 1: "\\Deleted", 2: "\\Answered", 4: "\\Flagged", 6: "\\Draft", 8: "$Forwarded"}


def of_maildir(place: Place, keywords: dict[str, str]) -> tuple[str, ...]:
    """Of a message in `cur` or `new`: its Maildir++ folder (or the folders around it), its flags and keywords."""
    *above, last = place.parts[:-2] or ("",)
    if last.startswith(".") and last.lower() not in _MAILBOXES:
        names = [_maildir_name(last[1:])]
    else:
        names = ["/".join(part for part in (*above, last) if part and part.lower() not in _MAILBOXES)]
    info = _MAILDIR_INFO.search(place.name)
    letters = info["letters"] if info else ""
    marks = [_LETTERS[letter] for letter in letters if letter in _LETTERS]
    marks += [keywords[letter] for letter in letters if letter in keywords]
    return (*(folder(name) for name in names if name), *(_mark(name) for name in marks))


def _maildir_name(name: str) -> str:
    """Maildir++: a dot between the levels, names in modified UTF-7 (or plain UTF-8, as Dovecot can be told)."""
    decoded = decode(name.encode("utf-8", "surrogateescape")) or name
    return decoded.replace(".", "/")


def _mark(name: str) -> str:
    return flag(name) if name.startswith("\\") else keyword(name)


def keywords_beside(maildir: Path) -> dict[str, str]:
    """Dovecot's names of the lower-case letters in names of files; {} where it left none."""
    try:
        lines = (maildir / "dovecot-keywords").read_text("utf-8", "replace").splitlines()[:26]
    except OSError:
        return {}
    pairs = [line.split(" ", 1) for line in lines if " " in line]
    return {chr(97 + int(number)): name for number, name in pairs if number.isdecimal() and int(number) < 26}


def of_mbox(place: Place) -> tuple[str, ...]:
    """The folder that an mbox is: its path, without what programs add (Thunderbird's .sbd, Apple's Work.mbox/mbox)."""
    parts = [re.sub(r"\.(sbd|mbox|mbx)$", "", part, flags=re.IGNORECASE) for part in place.parts]
    if len(parts) > 1 and parts[-1].lower() == "mbox":
        parts.pop()
    name = "/".join(parts)
    return (folder(name),) if name else ()


def of_fields(raw: bytes) -> tuple[str, ...]:
    """What programs write into the header of a message in an mbox: Status, X-Status, X-Keywords, X-Gmail-Labels."""
    head = raw[:_HEAD]
    end = _BLANK.search(head)
    found: list[str] = []
    for name, value in _STATUS.findall(head[: end.start() + 1] if end else head):
        text = decoded_text(value.decode("latin-1"))
        match name.lower():
            case b"x-gmail-labels":
                found += _gmail(text)
            case b"x-keywords":
                found += [keyword(word) for word in text.split()]
            case _:
                found += [flag(_STATUS_LETTERS[letter]) for letter in text if letter in _STATUS_LETTERS]
    return tuple(found)


def _gmail(text: str) -> list[str]:
    found = []
    for name in re.findall(r'"([^"]*)"|([^,"]+)', text):
        label = "".join(name).strip()
        if label.lower() in _GMAIL_FLAGS:
            found.append(flag(_GMAIL_FLAGS[label.lower()]))
        elif label and label.lower() not in _GMAIL_NOISE:
            found.append(folder(label))
    return found


def of_folders(place: Place) -> tuple[str, ...]:
    """The folders around a file of its own (.eml, .msg)."""
    name = "/".join(place.parts[:-1])
    return (folder(name),) if name else ()


def of_apple(place: Place, flags: int) -> tuple[str, ...]:
    """Of an .emlx: the mailboxes around it ("Work.mbox/…/Messages/1.emlx") and its flags."""
    boxes = [part[:-5] for part in place.parts[:-1] if part.lower().endswith(".mbox")]
    marks = [_mark(name) for bit, name in _APPLE_FLAGS.items() if flags >> bit & 1]
    return (*((folder("/".join(boxes)),) if boxes else ()), *marks)
