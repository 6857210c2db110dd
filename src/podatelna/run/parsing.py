"""`podatelna parse`: what the system makes of a message, for people and as JSON."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from podatelna.mail.batches import Joined
from podatelna.mail.fields import read_header
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.resolver import Resolver, table_resolver

from .errors import Refused

LARGEST = 512 * 1024 * 1024  # bytes of a file; larger than any server takes
_SEPARATORS = re.compile("[\x85\u2028\u2029]")


def parse_files(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Files with one message each.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="Read one path a line on standard input; JSON, in the same order.")
    ] = False,
    dns: Annotated[
        Path | None, typer.Option(help="A JSON table of DNS records that answers instead of DNS: {name: text}.")
    ] = None,
) -> None:
    """Read messages and show what they say: people, text, files, verdicts, defects.

    Nothing is stored. --batch goes on whatever a file is: what cannot be read gives {"error": …}. Beside x.eml, the
    table x.eml.dns.json or x.dns.json answers for it instead of DNS.

    Examples:

        podatelna parse letter.eml

        podatelna parse --json letter.eml --dns records.json

        find mails -name '*.eml' | podatelna parse --batch > mails.jsonl
    """
    paths = _listed(sys.stdin.buffer) if batch else [str(path) for path in files or ()]
    if not paths and not batch:
        raise Refused("name the files to read, or use --batch.")
    given = table_resolver(_table(dns)) if dns else None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # JSON is in UTF-8, whatever the terminal
    for path, told in zip(paths, tell(paths, given), strict=True):
        if batch or as_json:
            print(as_line(told), flush=batch)
        elif "error" in told:
            raise Refused(f"{path}: {told['error']}")
        else:
            print(readable(told))


def _listed(lines: Iterable[bytes]) -> list[str]:
    # An empty line is a path too, of no file: there are as many answers as lines.
    return [line.rstrip(b"\r\n").decode(sys.getfilesystemencoding(), "surrogateescape") for line in lines]


def as_line(told: dict[str, Any]) -> str:
    """JSON in one line, also for readers that take every line separator of Unicode for the end of a line."""
    return _SEPARATORS.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(told, ensure_ascii=False))


def _table(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{path} cannot be read as a table of DNS records: {error}.") from None
    if not isinstance(table, dict):
        raise Refused(f"{path} must hold a JSON object: names and their records.")
    return table


# --- telling -----------------------------------------------------------------------------------------------------


def tell(paths: list[str], given: Resolver | None) -> Iterator[dict[str, Any]]:
    """What each file says, in order, as JSON-ready fields; {"error": …} for one that cannot be read.

    All of them are read twice: only the last one may tell that the first two belong together.
    """
    threads = Joined()
    for path in paths:
        _join(threads, path)
    asked: Resolver | None = None
    for path in paths:
        try:
            raw = _read(path)
            resolver = given or _beside(path)
            if resolver is None:
                asked = resolver = asked or _network()
            yield fields(raw, resolver, threads)
        except Exception as error:  # told in place of the message: one file must not end the run
            yield {"error": f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()}


def _join(threads: Joined, path: str) -> None:
    try:
        raw = _read(path)
        _, body = read_header(raw)
        threads.join(_named(parse(raw[:body]), raw))
    except Exception:
        return  # told when its turn comes


def _read(path: str) -> bytes:
    """The bytes of a file. Raises OSError or ValueError; a pipe or a device could be without end."""
    file = Path(path)
    if not path.strip():
        raise ValueError("no path")
    if file.is_dir():
        raise IsADirectoryError("a folder, not a file")
    if file.exists() and not file.is_file():
        raise ValueError("not a regular file")
    if file.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST // 1024**2} MB")
    return file.read_bytes()


def _named(parsed: Parsed, raw: bytes) -> tuple[str, ...]:
    """Everything by which a message knows itself and its ancestors; without Message-ID its own bytes."""
    from podatelna.mail.identity import fingerprint

    own = parsed.message_id or f"fingerprint:{fingerprint(raw).hex()}"
    return (own, *parsed.references, *parsed.in_reply_to)


def _beside(path: str) -> Resolver | None:
    """The table in x.eml.dns.json, else in x.dns.json, for x.eml."""
    tables = (Path(f"{path}.dns.json"), Path(path).with_suffix(".dns.json"))
    found = next((table for table in tables if table.is_file()), None)
    return table_resolver(_table(found)) if found is not None else None


def _network() -> Resolver:
    from podatelna.protocols.dns import Dns

    return Dns()


def fields(raw: bytes, resolver: Resolver, threads: Joined) -> dict[str, Any]:
    """One message as the fields that docs/users/parse.md describes."""
    from podatelna.mail.effective import effective_sender
    from podatelna.mail.reply_text import reply_text

    parsed = parse(raw)
    return {
        "subject": parsed.subject,
        "from": [_person(one) for one in parsed.authors] if len(parsed.authors) > 1 else _person(parsed.sender),
        "to": [_person(one) for one in parsed.to],
        "cc": [_person(one) for one in parsed.cc],
        "reply_to": [_person(one) for one in parsed.reply_to],
        "sender_effective": _person(effective_sender(parsed)),
        "date": parsed.sent_at.isoformat() if parsed.sent_at else None,
        "message_id": parsed.message_id or None,
        "in_reply_to": parsed.in_reply_to[0] if parsed.in_reply_to else None,
        "references": list(parsed.references),
        "text": parsed.text,
        "html": parsed.html,
        "html_safe": _safe(parsed),
        "reply_text": reply_text(parsed),
        "attachments": _attachments(parsed),
        **_automatic(parsed),
        "thread_id": threads.group(_named(parsed, raw)[0]),
        "thread_parent": (parsed.in_reply_to or parsed.references or (None,))[-1],
        "auth": _auth(raw, resolver),
        "defects": list(parsed.defects),
    }


def _person(address: Any) -> dict[str, str] | None:
    return {"name": address.name, "email": address.address} if address else None


def _safe(parsed: Parsed) -> str:
    from podatelna.mail.html import safe_html

    if not parsed.html:
        return ""
    own = {part.content_id.strip("<>") for part in parsed.parts if part.content_id}
    return safe_html(parsed.html, remote=False, cid_url=lambda cid: f"cid:{cid}" if cid in own else None).html


def _attachments(parsed: Parsed) -> list[dict[str, Any]]:
    import hashlib

    return [
        {
            "filename": part.filename,
            "content_type": part.content_type,
            "size": len(part.content),
            "sha256": hashlib.sha256(part.content).hexdigest(),
            "content_id": part.content_id or None,
            "disposition": part.disposition or None,
        }
        for part in parsed.parts
        if part.is_attachment
    ]


def _automatic(parsed: Parsed) -> dict[str, Any]:
    from podatelna.mail.automatic import auto_submitted
    from podatelna.mail.reports import is_feedback_report, is_receipt, read_bounce

    bounce = read_bounce(parsed)
    recipients = bounce.recipients if bounce else ()
    return {
        "auto_submitted": auto_submitted(parsed) or False,
        "bounce": {
            "is_bounce": bounce is not None and bounce.failed,
            "recipients": [
                {
                    "address": one.address,
                    "action": one.action,
                    "status": one.status,
                    "reply_code": one.reply_code,
                    "reason": one.reason,
                    "permanent": one.permanent,
                }
                for one in recipients
            ],
            "original_message_id": (bounce.original_message_id or None) if bounce else None,
        },
        "is_feedback_report": is_feedback_report(parsed),
        "is_receipt": is_receipt(parsed),
    }


def _auth(raw: bytes, resolver: Resolver) -> dict[str, str]:
    from podatelna.mail.trust import judge

    verdicts = judge(raw, resolver=resolver)
    return {"spf": verdicts.spf, "dkim": verdicts.dkim, "dmarc": verdicts.dmarc, "arc": verdicts.arc}


# --- for people ----------------------------------------------------------------------------------------------------


def readable(told: dict[str, Any]) -> str:
    """The fields as a person reads a letter."""
    authors = _several(told["from"])
    lines = [
        f"From:     {', '.join(map(_shown, authors))}",
        *([f"Really:   {_shown(told['sender_effective'])}"] if told["sender_effective"] not in authors else []),
        *(f"{name + ':':<10}{', '.join(map(_shown, told[key]))}" for name, key in _PEOPLE if told[key]),
        f"Date:     {told['date'] or 'unknown'}",
        f"Subject:  {told['subject']}",
        f"Verdicts: {', '.join(f'{name} {verdict}' for name, verdict in told['auth'].items())}",
        *([f"Written:  by a program ({told['auto_submitted']})"] if told["auto_submitted"] else []),
        *(_told_bounce(one) for one in told["bounce"]["recipients"]),
        *(
            f"File:     {one['filename'] or 'unnamed'}, {one['content_type']}, {one['size']} bytes"
            for one in told["attachments"]
        ),
        *(f"Defect:   {one}" for one in told["defects"]),
        "",
        told["text"].rstrip(),
        "",
    ]
    return "\n".join(lines)


_PEOPLE = (("To", "to"), ("Cc", "cc"), ("Reply to", "reply_to"))


def _several(people: Any) -> list[Any]:
    return people if isinstance(people, list) else [people]


def _shown(person: dict[str, str] | None) -> str:
    if person is None:
        return "nobody"
    return f"{person['name']} <{person['email']}>" if person["name"] else person["email"]


def _told_bounce(recipient: dict[str, Any]) -> str:
    code = " ".join(str(part) for part in (recipient["reply_code"], recipient["status"]) if part)
    return f"Bounced:  {recipient['address']}: {recipient['action']} {code} {recipient['reason']}".rstrip()
