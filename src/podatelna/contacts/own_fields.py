"""Fields of one's own: which there are, and what a text means in one of them.

Values are texts: a number as "12.5", a date as "2026-05-04", so that both databases keep them to the letter.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from podatelna.archive.columns import fit

from .card_models import Card
from .errors import BadValue
from .models import Contact, OwnField

MOST_TEXT = 1_000  # characters
_MOST_NUMBER = Decimal(10) ** 15


def fields_for(card: Card) -> list[OwnField]:
    """The fields that cards of this kind show, in their order."""
    of = OwnField.Of.CONTACT if isinstance(card, Contact) else OwnField.Of.ORGANISATION
    return shown_fields(of)


def shown_fields(of: OwnField.Of) -> list[OwnField]:
    """The fields of such things that are not hidden, in their order."""
    return list(OwnField.objects.filter(of=of, is_shown=True))


def value_of(card: Card, field: OwnField) -> str:
    """What `card` has in `field`; "" for nothing."""
    return str(card.values.get(str(field.pk), ""))


def normal_value(field: OwnField, text: str) -> str:
    """`text` as it is kept; "" stays "". Raises BadValue."""
    text = fit(text.strip(), MOST_TEXT)
    if not text:
        return ""
    match field.kind:
        case OwnField.Kind.NUMBER:
            return _number(text)
        case OwnField.Kind.DATE:
            return _date(text)
        case OwnField.Kind.CHOICE if text not in field.choices:
            raise BadValue(field.kind)
    return text


def _number(text: str) -> str:
    """As people write it: a comma or a point, blanks between thousands."""
    try:
        number = Decimal("".join(text.split()).replace(",", "."))
    except InvalidOperation as error:
        raise BadValue(OwnField.Kind.NUMBER) from error
    if not number.is_finite() or abs(number) >= _MOST_NUMBER:
        raise BadValue(OwnField.Kind.NUMBER)
    plain = f"{number.quantize(Decimal('0.000001')):f}"
    return plain.rstrip("0").rstrip(".")


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadValue(OwnField.Kind.DATE) from error
