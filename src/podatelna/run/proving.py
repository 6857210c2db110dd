"""`podatelna proof`: a proof pack of a conversation or a message, written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.archive.proof.packs import Subject


def proof(
    to: Annotated[Path, typer.Option(help="The file to be written, a zip. It must not exist yet.")],
    conversation: Annotated[int | None, typer.Option(help="Number of the conversation, as in its address.")] = None,
    message: Annotated[int | None, typer.Option(help="Number of the message, as in its address.")] = None,
) -> None:
    """Write a proof pack: originals, attachments, and the proofs that they are what came, and when.

    It has a verifier in it that needs nothing but Python: unpack it and run `python3 verify.py` there. The making is
    recorded in the log.

    Examples:

        podatelna proof --conversation 17 --to proof.zip

        podatelna proof --message 4711 --to proof.zip
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    subject = _subject(conversation, message)
    _write(subject, to)
    print(f"{to}: {len(subject.deliveries)} deliveries of {subject.name}, {to.stat().st_size} bytes.")


def _subject(conversation: int | None, message: int | None) -> Subject:
    from podatelna.archive.models import Message
    from podatelna.desk import proofs
    from podatelna.desk.models import Conversation

    if (conversation is None) == (message is None):
        raise Refused("name either --conversation or --message.")
    if conversation is not None:
        found = Conversation.objects.filter(pk=conversation).first()
        if found is None:
            raise Refused(f"there is no conversation {conversation}.")
        return proofs.of_conversation(found, None)
    row = Message.objects.filter(pk=message or 0).first()
    if row is None:
        raise Refused(f"there is no message {message}.")
    return proofs.of_message(row, None)


def _write(subject: Subject, to: Path) -> None:
    from django.utils import timezone

    from podatelna.archive.proof.packs import make_pack

    try:
        with to.open("xb") as file:
            for piece in make_pack(subject, None, timezone.now):
                file.write(piece)
    except FileExistsError:
        raise Refused(f"{to} is there already.") from None
    except OSError as error:
        raise Refused(f"{to} cannot be written: {error.strerror}.") from None
