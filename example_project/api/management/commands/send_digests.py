"""``manage.py send_digests``: send the daily digest to everybody whose morning it is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.services.digest import send_digests


class Command(BaseCommand):
    """Send the digests that are due."""

    help = (
        "Sends the daily digest to everybody whose morning it is and who had none today. Run it "
        "every quarter of an hour; it may run several times at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Send them, and print how many.

        Raises:
            CommandError: Some could not be sent; the next run tries again, until noon.
        """
        counts = send_digests()
        self.stdout.write(f"{counts.sent} sent, {counts.empty} with nothing to say.")
        if counts.failed:
            raise CommandError(f"{counts.failed} could not be sent; the log says why.")
