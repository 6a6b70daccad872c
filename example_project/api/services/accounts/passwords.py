"""Password reset, and what a new password revokes."""

from functools import partial
from typing import Any

from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _

from api.models import PasswordResetLog, User
from api.services.changes import making_changes
from django_modernize.context import change_context, get_context

from .password_mail import enqueue_password_mail
from .tokens import revoke_tokens

__all__ = [
    "PasswordRequestForm",
    "TokenRevoker",
    "change_own_password",
    "note_new_password",
    "request_password",
    "set_new_password",
]


class PasswordRequestForm(PasswordResetForm):
    """Sends a reset link to the account with an email address, and logs the request."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Log the request, and after the commit have a worker send the mail.

        The request does not wait for the mail server, since its response time, or an error, would
        reveal who has an account.
        """
        context: dict[str, Any] = kwargs.get("context") or args[2]
        user = context["user"]
        _write_log(user, PasswordResetLog.Action.REQUESTED)
        place = {name: context[name] for name in ("protocol", "domain")}
        transaction.on_commit(partial(enqueue_password_mail, user, **place), robust=True)


class TokenRevoker:
    """Revokes a person's tokens when the password changes, wherever it is changed.

    One of ``AUTH_PASSWORD_VALIDATORS``: Django notifies those of every new password.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Accept every password; other validators check it."""

    def get_help_text(self) -> str:
        """Return what else a new password does; an empty text is an empty line in a list."""
        return str(_("A new password logs programs out: they have to log in again."))

    def password_changed(self, password: str, user: Any = None) -> None:
        """Revoke the tokens."""
        if user is not None and user.pk is not None:
            revoke_tokens(user)


def request_password(*, email: str, request: HttpRequest) -> None:
    """Send a reset link to the account with an email address, if there is one.

    The caller cannot tell whether there is one. The link is Django's own: it works once, for as
    long as ``PASSWORD_RESET_TIMEOUT`` says.

    Args:
        email: The address.
        request: The request, whose host the link leads to.
    """
    form = PasswordRequestForm({"email": email})
    if form.is_valid():
        with making_changes():
            form.save(use_https=request.is_secure(), request=request)


def set_new_password(*, uid: str, token: str, password: str) -> User:
    """Set a new password with the link from a mail.

    Args:
        uid: The part of the link that names the person.
        token: The part that proves it.
        password: The new password.

    Returns:
        The person; all tokens and sessions have ended.

    Raises:
        ValidationError: The link is not valid or no longer, or the password is too easy.
    """
    user = _find_user(uid)
    if user is None or not default_token_generator.check_token(user, token):
        message = _("This link is invalid or has expired. Ask for a new one.")
        raise ValidationError({"token": ValidationError(message, code="reset_invalid")})
    judge_password("password", password, user)
    with making_changes(), change_context(actor=user):
        user.set_password(password)
        user.save(update_fields=["password"])
        note_new_password(user)
    return user


def change_own_password(*, user: User, old_password: str, new_password: str) -> None:
    """Replace the old password with a new one; all tokens and sessions end.

    Raises:
        ValidationError: The old password is wrong, or the new one too easy.
    """
    if not user.check_password(old_password):
        message = _("This is not your password.")
        raise ValidationError({"old_password": ValidationError(message, code="wrong_password")})
    judge_password("new_password", new_password, user)
    with making_changes():
        user.set_password(new_password)
        user.save(update_fields=["password"])


def judge_password(field: str, password: str, user: User) -> None:
    """Refuse a weak password.

    Raises:
        ValidationError: It is weak; the error is attached to the field.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({field: error.error_list}) from error


def note_new_password(user: User) -> None:
    """Log that somebody set a new password with a link."""
    _write_log(user, PasswordResetLog.Action.COMPLETED)


def _write_log(user: User, action: str) -> None:
    PasswordResetLog.objects.create(user=user, action=action, ip_address=get_context().ip_address)


def _find_user(uid: str) -> User | None:
    try:
        key = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    return User.objects.filter(pk=key, is_active=True).first()
