"""What forms of several pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.db.models import Model

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:

    class RowForm(forms.ModelForm[Row]):
        """A form for a row of a table, `RowForm[Person]`."""

else:

    class RowForm(forms.ModelForm):
        """Django's class takes no type argument when it runs; its types say that it does."""

        def __class_getitem__(cls, row: type[Model]) -> type[RowForm]:
            return cls


def one_line(text: str) -> str:
    """`text` without line breaks, controls and doubled spaces: names end up in headers of mail and in logs."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class LineField(forms.CharField):
    """A line of text; line breaks and other controls that were sent anyway become spaces."""

    def to_python(self, value: Any) -> str:
        """The text as `one_line` gives it."""
        return one_line(str(super().to_python(value) or ""))
