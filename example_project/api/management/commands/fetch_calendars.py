"""``manage.py fetch_calendars``: fetch all calendar feeds; run it from cron."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from api.models import CalendarFeed
from api.services.calendars import CalendarUnreachable, FeedReport, sync_feed

logger = logging.getLogger("aristay.calendars")


class Command(BaseCommand):
    """Fetch the calendar feeds."""

    help = (
        "Fetches the calendar of each active feed and brings the bookings of its house in line. "
        "A calendar that cannot be had is reported, and does not keep the others waiting."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "--feed", type=int, action="append", metavar="KEY", help="only this feed; repeatable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch one feed after the other."""
        feeds = CalendarFeed.objects.filter(is_active=True).select_related("property")
        if options["feed"]:
            feeds = feeds.filter(pk__in=options["feed"])
        for feed in feeds.order_by("pk"):
            title = f"{feed.property} · {feed}"
            try:
                self.print_report(title, sync_feed(feed))
            except CalendarUnreachable as error:
                self.stderr.write(f"{title}: {error}", self.style.ERROR)
            except Exception:
                # A broken feed must not keep the others from being fetched.
                logger.exception("The calendar %s failed", title)

    def print_report(self, title: str, report: FeedReport) -> None:
        """Print what a feed changed."""
        if report.is_unchanged:
            self.stdout.write(f"{title}: unchanged")
            return
        self.stdout.write(
            f"{title}: {report.created} new, {report.moved} moved, {report.cancelled} cancelled"
        )
        for problem in report.problems:
            self.stdout.write(f"  {problem}", self.style.WARNING)
