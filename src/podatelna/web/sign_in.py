"""The forms of signing in and changing one's password, as allauth has them, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "login", _("E-mail address"), autocomplete="username", autofocus=True)
        _word(self, "password", _("Password"))
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay signed in on this device for 14 days")


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The present password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", _("Your password now"), autofocus=True)
        _word(self, "password1", _("New password"))
        _word(self, "password2", _("New password again"))
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = _("At least 12 characters. A few unrelated words make a good one.")


def _word(form: Any, name: str, label: Any, **attributes: Any) -> None:
    field = form.fields[name]
    field.label = label
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)
