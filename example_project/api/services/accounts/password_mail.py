"""The mail with the link for a new password, sent by the project's workers."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.timesince import timesince

from api.models import User
from api.services.background import background_task, enqueue

__all__ = ["enqueue_password_mail", "send_password_mail"]

SUBJECT_TEMPLATE: Final = "portal/account/password_subject.txt"
MAIL_TEMPLATE: Final = "portal/account/password_mail.txt"


@background_task
def send_password_mail(user_id: int, protocol: str, domain: str, language: str) -> None:
    """Send somebody a link for a new password; may be run twice.

    The link is made here, since the table of the queue is no place for a secret.

    Args:
        user_id: The key of the person; nothing is sent to who was deactivated meanwhile.
        protocol: ``https`` or ``http``.
        domain: The host that the link leads to.
        language: The language of the mail.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(language):
        context = {
            "user": user,
            "uid": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
            "protocol": protocol,
            "domain": domain,
            "lasts": _name_time_to_act(),
        }
        PasswordResetForm().send_mail(SUBJECT_TEMPLATE, MAIL_TEMPLATE, context, None, user.email)


def enqueue_password_mail(user: User, *, protocol: str, domain: str) -> None:
    """Hand the mail to the workers, in the active language; without them it is sent at once."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    enqueue(send_password_mail, user.pk, protocol, domain, language)


def _name_time_to_act() -> str:
    """Return for how long a link works, as “3 days”."""
    now = timezone.now()
    return timesince(now - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT), now)
