"""Where our signing in differs from allauth's."""

from typing import Any

from allauth.account import forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _


class Labelled:
    """Labels say what placeholders would, and the first field has the focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, (name, field) in enumerate(self.fields.items()):  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            if name in ("login", "email"):
                field.label = _("E-mail")
            if place == 0:
                field.widget.attrs["autofocus"] = True


class SignInForm(Labelled, forms.LoginForm):
    """E-mail, password, and whether to stay."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"].label = _("Stay signed in on this device")


class SignUpForm(Labelled, forms.SignupForm):
    """E-mail, name (from ``accounts.forms``), password."""

    field_order = ("name", "email", "password1")


class AddEmailForm(Labelled, forms.AddEmailForm):
    """One more address."""


class ResetPasswordForm(Labelled, forms.ResetPasswordForm):
    """Where to send the link to."""


class RequestLoginCodeForm(Labelled, forms.RequestLoginCodeForm):
    """Where to send the code to."""


class MailAdapter(DefaultAccountAdapter):
    """Signs mail with the site's name and address, not with those of the request (P63)."""

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        ours = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
        return super().render_mail(template_prefix, email, {**context, **ours}, headers)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Names the site, not its host, in the browser's passkey window (P63)."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}
