"""``manage.py setup_demo``: create a company with realistic data, once."""

import os
from argparse import ArgumentParser
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.utils import timezone

from api.models import BookingImportLog, User
from api.services.demo_company import (
    DEFAULT_DAYS,
    MANAGER_NAME,
    add_open_import,
    fill_company,
)
from api.services.excel_import import import_bookings
from django_modernize.audit import seal

DEMO_WORKBOOK = Path(__file__).resolve().parents[3] / "demo" / "demo_bookings.xlsx"
ADMIN_NAME = "admin"


class Command(BaseCommand):
    """Set up the demo: people, the bookings of the demo workbook, and a year around today."""

    help = (
        "Creates the administrator “admin”, imports the demo workbook, and makes up a company "
        "around today, each only where it is missing. ARISTAY_DEMO_PASSWORD sets the password of "
        "everybody who is created; else one is made up and printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "--days",
            type=int,
            default=DEFAULT_DAYS,
            help=f"how far the stays reach, back and ahead ({DEFAULT_DAYS})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing, and print what there is to see."""
        given = os.environ.get("ARISTAY_DEMO_PASSWORD")
        password = given or token_urlsafe(9)
        is_filled = User.objects.filter(username=MANAGER_NAME).exists()
        admin = User.objects.filter(username=ADMIN_NAME).first()
        # Whoever passed the password knows it, and may not want it on the screen.
        if not given and not (is_filled and admin):
            self.stdout.write(f"The password of those who are new is “{password}”.")
        # Hash once for all users, since hashing is slow on purpose.
        encoded = make_password(password)
        admin = admin or self.create_admin(encoded)
        if not BookingImportLog.objects.exists():
            self.import_workbook(admin)
        if not is_filled:
            company = fill_company(
                administrator=admin,
                password=encoded,
                today=timezone.localdate(),
                days=options["days"],
                progress=self.stdout.write,
            )
            add_open_import(actor=company.people[MANAGER_NAME], workbook=DEMO_WORKBOOK.read_bytes())
            seal()

    def create_admin(self, encoded: str) -> User:
        """Return a new administrator."""
        admin = User(
            username=ADMIN_NAME,
            email="admin@example.com",
            password=encoded,
            is_staff=True,
            is_superuser=True,
        )
        admin.save()
        return admin

    def import_workbook(self, admin: User) -> None:
        """Import the demo workbook, and print the results of its rows."""
        report = import_bookings(
            DEMO_WORKBOOK.read_bytes(),
            file_name=DEMO_WORKBOOK.name,
            create_properties=True,
            actor=admin,
        )
        counts = (f"{count} {outcome.label}" for outcome, count in report.counts.items())
        self.stdout.write(f"Imported {report.file_name}: {', '.join(counts)}.")
