"""Delivery channels: email and push."""

from collections.abc import Sequence
from typing import Final, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from api.models import DeviceToken, Notification, User

from .describing import describe_notice
from .push import PushBackend, PushMessage

__all__ = ["CHANNELS", "Channel", "EmailChannel", "PushChannel"]


class Channel(Protocol):
    """A way to deliver notifications."""

    stamp: str
    """The field of a notice that says when it went this way."""

    def find_people(self) -> Q:
        """Return the condition for users who want this channel."""

    def send(self, user: User, notices: Sequence[Notification]) -> None:
        """Send notifications to a person; if it raises, the next attempt sends them again."""


class EmailChannel:
    """One mail with all pending notifications, for those who want mails."""

    stamp = "emailed_at"

    def find_people(self) -> Q:
        """Return the condition for users who want mail and have an address."""
        return Q(profile__email_notices=True) & ~Q(email="")

    def send(self, user: User, notices: Sequence[Notification]) -> None:
        """Send the mail.

        Raises:
            OSError: The mail server cannot be reached, or refuses it.
        """
        lines = [describe_notice(one) for one in notices]
        number = len(lines)
        subject = (
            lines[0]
            if number == 1
            else ngettext("%(number)s notice", "%(number)s notices", number) % {"number": number}
        )
        words = {"user": user, "lines": lines, "subject": subject, "site": settings.ARISTAY_URL}
        mail = EmailMultiAlternatives(
            # A title may have several lines, a subject may not.
            subject=" ".join(subject.split()),
            body=render_to_string("mail/notices.txt", words),
            to=[user.email],
        )
        mail.attach_alternative(render_to_string("mail/notices.html", words), "text/html")
        mail.send()


class PushChannel:
    """One message with all pending notifications, to each of the person's phones."""

    stamp = "pushed_at"

    def find_people(self) -> Q:
        """Return the condition for users who have a phone."""
        return Q(device_tokens__isnull=False)

    def send(self, user: User, notices: Sequence[Notification]) -> None:
        """Send the message, and forget phones that no longer exist."""
        backend: PushBackend = import_string(settings.ARISTAY_PUSH_BACKEND)()
        number = len(notices)
        message = PushMessage(
            title=describe_notice(notices[0])
            if number == 1
            else _("%(number)s notices") % {"number": number},
            count=number,
            task_id=notices[0].task_id if number == 1 else None,
        )
        phones = DeviceToken.objects.filter(user=user)
        gone = backend.send(list(phones.values_list("token", flat=True)), message)
        if gone:
            phones.filter(token__in=gone).delete()


CHANNELS: Final[tuple[Channel, ...]] = (EmailChannel(), PushChannel())
