"""``manage.py setup_demo``: an administrator and the demo bookings, once."""

import os
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from django.core.management.base import BaseCommand

from api.models import BookingImportLog, User
from api.services.excel_import import import_bookings

DEMO_WORKBOOK = Path(__file__).resolve().parents[3] / "demo" / "demo_bookings.xlsx"
ADMIN_NAME = "admin"


class Command(BaseCommand):
    """Prepare the demo: an administrator, and the bookings of the demo workbook."""

    help = (
        "Creates the administrator “admin” and imports the demo workbook, each only where it is "
        "missing. ARISTAY_DEMO_PASSWORD sets the password; else one is made up and printed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing and say what there is to see."""
        admin = self.provide_admin()
        if not BookingImportLog.objects.exists():
            report = import_bookings(
                DEMO_WORKBOOK.read_bytes(),
                file_name=DEMO_WORKBOOK.name,
                create_properties=True,
                actor=admin,
            )
            counts = (f"{count} {outcome.label}" for outcome, count in report.counts.items())
            self.stdout.write(f"Imported {report.file_name}: {', '.join(counts)}.")
        self.stdout.write(
            "Look at Bookings, at Imports (each row that needs a person, with its reason), and "
            "at the history of any booking."
        )

    def provide_admin(self) -> User:
        """Return the administrator; print the password of a new one."""
        found = User.objects.filter(username=ADMIN_NAME).first()
        if found is not None:
            return found
        given = os.environ.get("ARISTAY_DEMO_PASSWORD")
        password = given or token_urlsafe(9)
        admin = User.objects.create_superuser(ADMIN_NAME, "admin@example.com", password)
        # Who gave the password knows it, and may not want it on the screen.
        if not given:
            self.stdout.write(f"Log in as “{ADMIN_NAME}” with the password “{password}”.")
        return admin
