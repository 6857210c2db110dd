"""The lines of delivery reports in free text that name somebody, as patterns."""

from __future__ import annotations

import re

from .word_tables import alternatives

# An address as reports write it; the quantifiers are bounded, so that no line takes long.
_AT = (
    r"((?:[^\s<>()\[\],;:\"@'：，；。（）]|(?<=\w)'(?=\w)){1,64}"
    r"@(?:[^\s<>()\[\],;:\"'@/：，；。（）]{1,255}|\[[0-9.]{7,15}\]))"
)
_LABELS = alternatives(
    r"""
    failed[ -]recipients?|recipient(?: e-?mail)?(?: address)?(?:\(s\)|es|s)?|final[ -]recipient|original[ -]recipient
    intended recipient|undeliverable address|error-for|delivery failed|delivery userid|unknown user|user unknown
    user mailbox|invalid (?:final )?(?:delivery )?(?:userid|address|user|recipient)|no such user|user's mailbox is full
    unknown (?:local )?(?:recipient|address|mailbox)|rcpt to|addressed to|unable to find user|message for
    (?:failed|undelivered|rejected|bounced) (?:e-?mail )?(?:to|address|for)
    adresát|adresat|příjemce|prijemce|príjemca|prijemca|adresa (?:příjemce|adresáta)|empf(?:ä|ae)nger(?:adresse)?
    destinataire|destinatario|destinat[áa]rio|odbiorca|ontvanger|получатель|адрес(?: получателя)?|modtager|mottagare
    收件人|收件者|宛先|받는 사람
    """
)
_BEFORE = alternatives(
    """
    to|for|addressed to|mailbox|user|recipient|address|addresses|an|pour|para|à|a|dla|do|aan|adresu|adrese|adresy|pro
    schránk[auy]|příjemci|příjemce|adresátovi|adresát|uživatele?|для|адресу|адресату|till|til|destinataire|destinatario
    """
)
_OTHERS = alternatives(
    r"""
    from|mail from|message-id|sender|return-path|reply-to|subject|date|sent|received|cc|reporting-mta|remote-mta|od|von
    de|original sender|sender address|x-[\w-]{1,40}|from address|absender|expéditeur|odesílatel|in-reply-to|references
    user-agent|content-[\w-]{1,30}|message id|envelope-from|queue id|mailfrom
    """
)
_ADVICE = "https?://|please contact|contact (?:the|your|us)|send mail to|write to|e-?mail (?:us|to)"

ADDRESS = re.compile(_AT)
# Lines that name a failed recipient and nobody else. Groups: the address, and last what the line says of it.
SURE = (
    re.compile(rf"{_AT}\s+(?:on|dne|dňa|am|le|el|il)\s+(?:\w{{2,9}}[.,]?\s+)?\d{{1,4}}[\s./-].{{0,60}}()$"),
    re.compile(rf"(?:to\s?:\s?)?<{_AT}>\s*[:;]?\s*(.*)", re.IGNORECASE),
    re.compile(rf"[\"']{_AT}[\"']\s*:?\s*(.*)"),
    re.compile(rf"(?:[*>•→·+-]{{1,3}}\s{{0,4}}|\d{{1,3}}[.)]\s{{1,4}})?{_AT}\s*[:;,]?$()"),
    re.compile(
        rf"(?:{_LABELS})\s?(?:\([^)]{{0,60}}\)\s?)?[:：=]\s?(?:\[?(?:smtp|rfc822|mailto)[:;]\s?)?"
        rf"[<\"'\[]?{_AT}[>\"'\]]?(.*)",
        re.IGNORECASE,
    ),
    re.compile(rf".{{0,200}}\bSMTP[=:]{_AT}(.*)", re.IGNORECASE),
    re.compile(rf"\s*\[?status: ?error, address: <{_AT}>(.*)", re.IGNORECASE),
)
# Lines that name one among other words.
LIKELY = (
    re.compile(rf"[<]?{_AT}[>]?(?:\s?[:(]|\s+on\s|\s+-+\s?|,?\s+)(.*)"),
    re.compile(rf"\(generated from {_AT}\)()"),
    re.compile(rf"[^<>@:=]{{1,80}}[<(\[](?:mailto:|smtp:)?{_AT}[>)\]](.*)", re.IGNORECASE),
    re.compile(
        rf".{{0,300}}?\b(?:{_BEFORE})\s?:?\s{{0,3}}[<\"'(\[]?(?:mailto:)?{_AT}[>\"')\]]?(.*)",
        re.IGNORECASE,
    ),
)
# "Unknown user: petr@firma.cz" tells the reason too.
TELLING = re.compile(r"(?:unknown|no such|invalid|unable to find|user.{0,10} mailbox).{0,30}:", re.IGNORECASE)
OTHER_ADDRESS = re.compile(rf"\W{{0,3}}(?:{_OTHERS})\s?[:=]|.{{0,200}}(?:{_ADVICE})", re.IGNORECASE)
BEFORE_SENDER = re.compile(r"(?:sent by|from|sender|contact|administrator|originator|od|von)\s?:?$", re.IGNORECASE)
SYSTEM = re.compile(r"(?:postmaster|mailer-daemon|abuse|hostmaster|mail-?admin|helpdesk|noc)@", re.IGNORECASE)
ADDRESS_ALONE = re.compile(rf"[<\"']?{_AT}[>\"']?\s?:?(?:\s?[<(\[](?:mailto:)?{_AT}[>)\]])?:?")
# Transcripts: what was asked, what was answered, and Sendmail's own summary.
ASKED = re.compile(r"(?:(?!received).{0,60}?(?:>>>|-->)|sent\s{1,3}<<<)\s{0,4}(.*)", re.IGNORECASE)
ANSWERED = re.compile(r"(?:(?!sent).{0,60}?(?:<<<|<--)|received\s{1,3}>>>)\s{0,4}(.*)", re.IGNORECASE)
REFUSED = re.compile(rf"[245]\d\d[ -](?:[245]\.\d{{1,3}}\.\d{{1,3}} )?<?{_AT}>?\.\.\.\s?(.*)")
# The header of the returned message.
HEADER_LINE = re.compile(
    r"(?:received|return-path|from|to|subject|date|message-id|mime-version|x-[\w-]{1,60}|content-type|delivered-to|cc"
    r"|reply-to|dkim-signature|arc-[\w-]{1,40}|sender|domainkey-signature|thread-topic|user-agent|references"
    r"|in-reply-to)\s?:",
    re.IGNORECASE,
)
TRACE = ("received", "return-path", "message-id", "mime-version", "from:", "dkim", "arc-", "delivered-to", "x-")
