"""Text of format=flowed (RFC 3676): paragraphs that were broken for transport put together again."""

from __future__ import annotations

SIGNATURE = "-- "


def is_flowed(parameters: dict[str, str]) -> bool:
    """Whether the parameters of a Content-Type say so."""
    return parameters.get("format", "").strip().lower() == "flowed"


def deletes_space(parameters: dict[str, str]) -> bool:
    """Whether the blank at the end of a flowed line belongs to the break and not to the text (RFC 3676 4)."""
    return parameters.get("delsp", "").strip().lower() == "yes"


def unflow(text: str, *, delete_space: bool) -> str:
    """`text` (\\n line breaks) with its paragraphs joined, quoted ones within their depth.

    The "-- " of a signature never flows; a change of depth ends a paragraph whatever its last line says (RFC 3676 4.5).
    """
    joined: list[str] = []
    depth_before, soft = -1, False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        # RFC 3676 4.4: one blank was stuffed before what would look like a quote, a blank or "From ".
        bare = bare.removeprefix(" ")
        signature = bare == SIGNATURE
        # An empty line parts paragraphs, also behind a line that was meant to flow.
        if not (soft and depth == depth_before and bare and not signature):
            joined.append(("\n" if joined else "") + (">" * depth + " " if depth else ""))
        soft = bare.endswith(" ") and not signature
        joined.append(bare[:-1] if soft and delete_space else bare)
        depth_before = depth
    return "".join(joined)
