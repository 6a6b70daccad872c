"""``manage.py make_demo_workbook``: write a workbook of made-up bookings."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.services.demo_workbook import FLAWS, make_bookings, write_workbook

DEFAULT_FILE = Path("demo_bookings.xlsx")


class Command(BaseCommand):
    """Write a workbook of made-up bookings."""

    help = (
        "Writes a workbook of made-up bookings in the format of the company's own, quirks "
        "included. The same arguments give the same file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "out", type=Path, nargs="?", default=DEFAULT_FILE, help=f"default: {DEFAULT_FILE}"
        )
        parser.add_argument("--rows", type=int, default=160, help="how many bookings (160)")
        parser.add_argument("--seed", type=int, default=1, help="what the dice start from (1)")
        parser.add_argument(
            "--start",
            type=date.fromisoformat,
            default=date(2026, 12, 1),
            metavar="YYYY-MM-DD",
            help="the first possible check-in (2026-12-01)",
        )
        parser.add_argument(
            "--flawed-rows",
            type=int,
            default=0,
            help=f"how many of the rows have something wrong, in turn: {', '.join(FLAWS)} (0)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        if not 0 <= options["flawed_rows"] <= options["rows"] <= 20_000:
            raise CommandError("There can be 0 to 20,000 rows, and as many flawed ones at most.")
        bookings = make_bookings(
            count=options["rows"],
            seed=options["seed"],
            start=options["start"],
            flawed_count=options["flawed_rows"],
        )
        path: Path = options["out"]
        path.write_bytes(write_workbook(bookings))
        self.stdout.write(f"Wrote {len(bookings)} bookings to {path}.")
