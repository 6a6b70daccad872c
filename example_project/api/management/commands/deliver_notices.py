"""``manage.py deliver_notices``: resend what a mail server or push service refused before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.services.notification import deliver_notices


class Command(BaseCommand):
    """Send the pending notifications."""

    help = (
        "Sends the unread notices of the last three days that were not sent yet, by mail and to "
        "phones. Run it every few minutes; it may run several times at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Send them, and print how many.

        Raises:
            CommandError: Some could not be sent; the next run tries again.
        """
        counts = deliver_notices()
        self.stdout.write(f"{counts['sent']} sent.")
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} could not be sent; the log says why.")
