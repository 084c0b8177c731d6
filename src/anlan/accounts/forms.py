"""What people type to sign in and to choose a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import User


class SignInForm(AuthenticationForm):
    """A wrong name, a wrong password and a closed account look the same from outside."""

    error_messages = {
        "invalid_login": _("The name or the password is wrong."),
        "inactive": _("The name or the password is wrong."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own signature
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")


class NewPasswordForm(forms.Form):
    """The present password, and the new one twice."""

    present = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    chosen = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters, neither a common word nor your name."),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # Django's own signature
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_present(self) -> str:
        present = str(self.cleaned_data["present"])
        if not self._user.check_password(present):
            raise forms.ValidationError(_("This is not your present password."))
        return present

    def clean_chosen(self) -> str:
        chosen = str(self.cleaned_data["chosen"])
        if chosen == self.cleaned_data.get("present"):
            raise forms.ValidationError(_("Choose a password that differs from the present one."))
        validate_password(chosen, self._user)
        return chosen

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("chosen") and typed.get("again") and typed["chosen"] != typed["again"]:
            self.add_error("again", _("The two new passwords differ."))
        return typed
