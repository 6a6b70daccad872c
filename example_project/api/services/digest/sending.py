"""Sends digests: in each person's morning, once a day, even if several workers run."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import DigestRun, Profile, User
from api.services.mail_server import open_mail_server
from api.services.notification.leasing import leasing
from api.services.recipient_locale import speaking_to

from .content import Digest, read_digests
from .mornings import find_mornings

__all__ = ["DigestCounts", "send_digests"]

logger = logging.getLogger(__name__)


@dataclass(kw_only=True, slots=True)
class DigestCounts:
    """The counts of a run."""

    sent: int = 0
    empty: int = 0
    """People with nothing to be told; they are asked again until noon."""
    failed: int = 0
    """Mails that could not be sent; the next run tries again."""


def send_digests(now: datetime | None = None) -> DigestCounts:
    """Send the digests of everybody whose morning it is.

    To be run every quarter of an hour; several may run at once. A digest is sent by whoever leases
    it, and noted, so nobody gets two, and what fails is tried again until noon. No transaction is
    open while a mail is sent.

    Args:
        now: The instant, the present one by default.

    Costs four queries, and four for each mail; their number does not depend on that of the tasks.
    """
    counts = DigestCounts()
    days = find_mornings(_list_zones(), now or timezone.now())
    digests = read_digests(_find_people(days), days)
    server = open_mail_server()
    try:
        for digest in digests:
            if digest.is_empty:
                counts.empty += 1
            else:
                _send_once(digest, server, counts)
    finally:
        server.close()
    return counts


def _list_zones() -> Sequence[str]:
    return list(Profile.objects.order_by().values_list("time_zone", flat=True).distinct())


def _find_people(days: dict[str, date]) -> list[User]:
    """Return the people who want a digest, have an address, and have not received one today."""
    if not days:
        return []
    waiting = Q(pk__in=[])
    for day in sorted(set(days.values())):
        zones = [zone for zone, today in days.items() if today == day]
        served = DigestRun.objects.filter(day=day).values("user")
        waiting |= Q(profile__time_zone__in=zones) & ~Q(pk__in=served)
    people = User.objects.filter(waiting, is_active=True, profile__digest_opt_out=False)
    return list(people.exclude(email="").select_related("profile").order_by("pk"))


def _send_once(digest: Digest, server: Any, counts: DigestCounts) -> None:
    run = DigestRun(user=digest.user, day=digest.day)
    try:
        with leasing(digest.user, "digest") as is_mine:
            sent = DigestRun.objects.filter(user=run.user, day=run.day)
            # Another worker is sending this one, or has just sent it.
            if not is_mine or sent.exists():
                return
            server.send_messages([_write_mail(digest)])
            run.save()
    except Exception:
        # A failing mail must not keep the others from being sent.
        logger.exception("The digest of user %s could not be sent", digest.user.pk)
        counts.failed += 1
        return
    counts.sent += 1


def _write_mail(digest: Digest) -> EmailMultiAlternatives:
    with speaking_to(digest.user.profile):
        subject = _("Your day at AriStay")
        site = settings.ARISTAY_URL
        words = {"user": digest.user, "digest": digest, "subject": subject, "site": site}
        mail = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("mail/digest.txt", words),
            to=[digest.user.email],
        )
        mail.attach_alternative(render_to_string("mail/digest.html", words), "text/html")
    return mail
