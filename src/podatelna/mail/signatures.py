"""Where a signature begins: the "-- " of RFC 3676, its kin, and the lines that phones and web mail add."""

from __future__ import annotations

import re

from .quote_words import plain
from .signature_words import DEVICES, GET, SCANNED, SENT, SENT_LATER, SPOKEN

MAX_PHONE = 200  # characters; a longer line is a paragraph that somebody wrote
MAX_PHONE_WORDS = 12
MAX_CONTACT = 12  # filled lines below a mark that is a rule elsewhere
_MARK = re.compile(r"--\s*$")
_RULE = re.compile(r"(?:_{3,100}|-{3,5}|[\u2014\u2013])\s*$")
_LINK = re.compile(r"[<(\[]?(?:https?://|www\.)[^\s>)\]]{0,300}[>)\]]?", re.IGNORECASE)
_CONTACT = re.compile(r"@|www\.|https?://|\d[\d ()/-]{7,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[.'-][^\W_]+){0,3}")


def is_signature_mark(line: str) -> bool:
    """The "-- " that begins a signature (RFC 3676 4.3), also with the blank lost on the way."""
    return line.startswith("--") and _MARK.match(line[:20]) is not None


def is_signature_rule(line: str) -> bool:
    """A line of dashes or underscores, or one long dash: a signature only when what is below looks like one."""
    return line[:1] in "_-\u2014\u2013" and _RULE.match(line[:110]) is not None


def looks_signed(rule: str, below: list[str]) -> bool:
    """Whether the lines below a rule are a signature or the foot of a mailing list: few, short, no sentences."""
    filled = [_LINK.sub("www.", line[:2_000]).strip() for line in below if line.strip()]
    if not filled or len(filled) > MAX_CONTACT or any(len(line) > 120 for line in filled):
        return False
    if rule.startswith("_") or rule[:1] in "\u2014\u2013":
        return True
    return any(_CONTACT.search(line) for line in filled) or (
        len(filled) <= 3 and all(len(line) <= 40 and not line.endswith((".", "!", "?", ",", ":")) for line in filled)
    )


def is_phone_signature(line: str) -> bool:
    """The line that a phone, web mail or a virus scanner adds: "Sent from my iPhone", "Získat Outlook pro Android"."""
    text = line.strip()
    if len(text) < 8 or (len(text) > MAX_PHONE and "http" not in text):
        return False
    bare, spaced = _without_links(text[:600])
    if not 8 <= len(bare) <= MAX_PHONE:
        return False
    folded = " ".join(plain(spaced).strip(" *_>~.-<[(").split())
    if folded.startswith(SCANNED):
        return True
    # Asked of every line of a letter: most are told apart before their words are.
    sent = folded.startswith(SENT) or folded.rstrip(" .)]").endswith(SENT_LATER)
    if not (sent or "outlook" in folded) or folded.endswith("?"):
        return False
    words = _WORD.findall(folded)
    return bool(words) and (_is_sent_line(folded, words) or _is_get_line(folded, words))


def _without_links(text: str) -> tuple[str, str]:
    """`text` without addresses of the web, and with a blank in place of each."""
    if "://" not in text and "www." not in text.lower():
        return text, text
    return _LINK.sub("", text), _LINK.sub(" ", text)


def is_link(line: str) -> bool:
    """Whether the line is an address of the web and nothing else."""
    text = line[:600].strip()
    return bool(text) and not _LINK.sub("", text).strip()


def _is_sent_line(folded: str, words: list[str]) -> bool:
    sent = folded.startswith(SENT)
    later = folded.rstrip(" .)]").endswith(SENT_LATER)
    if not (sent or later) or any(word in SPOKEN for word in words):
        return False
    if folded.startswith(("von ", "diese nachricht")) and not later and "gesendet" not in folded:
        return False
    device = any(word in DEVICES or word.split("'")[0] in DEVICES or word.split("-")[0] in DEVICES for word in words)
    if not device:
        device = any(name in folded for name in ("iphone", "ipad", "android", "samsung", "huawei", "proton"))
    if not device:
        return len(words) <= 6 and folded.startswith("sent from my ") and not folded.endswith(".") and "," not in folded
    # "Odesláno z iPhonu mi to nešlo, posílám znovu" is a sentence; K-9 asks to excuse its brevity.
    return "k-9" in folded or (len(words) <= MAX_PHONE_WORDS and "," not in folded and "!" not in folded)


def _is_get_line(folded: str, words: list[str]) -> bool:
    if "outlook" not in folded or len(words) > 9:
        return False
    return ("ios" in folded or "android" in folded) and (
        any(word in GET for word in words)
        or any(verb in folded for verb in ("获取", "下載", "取得", "入手", "다운로드"))
    )
