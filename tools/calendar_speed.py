"""Measure how long the server takes for the occupancy calendar of 60 houses and 60 days.

``python -m tools.calendar_speed``, on the database of ``DATABASE_URL`` or on SQLite. The database
is a test database of its own, and gone afterwards.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOUSES = 60
DAYS = 60
ROUNDS = 20


def prepare_django() -> None:
    """Set AriStay up in this process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "aristay.settings"
    os.environ.setdefault("ARISTAY_DEBUG", "1")
    sys.path.insert(0, str(ROOT / "example_project"))
    import django

    django.setup()


def fill_houses() -> None:
    """Give each house stays of one to seven nights, one after another."""
    from django.utils import timezone

    from api.models import Booking, Property

    first = timezone.localdate() - timedelta(days=10)
    houses = [Property(name=f"House {number:02}") for number in range(HOUSES)]
    stays: list[Booking] = []
    for number, house in enumerate(Property.objects.bulk_create(houses)):
        day = first
        while day < first + timedelta(days=DAYS + 20):
            nights = 1 + (number + len(stays)) % 7
            last = day + timedelta(days=nights)
            check_in, check_out = house.check_in_at(day), house.check_out_at(last)
            guest = f"Guest {len(stays)}"
            stays.append(
                Booking(property=house, check_in=check_in, check_out=check_out, guest_name=guest)
            )
            day = last + timedelta(days=len(stays) % 2)
    Booking.objects.bulk_create(stays)


def measure_page() -> dict[str, Any]:
    """Return what the page takes: milliseconds, statements, bytes and stays."""
    from django.db import connection, reset_queries
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from api.models import User

    browser = Client()
    measurer: Any = User.objects.create_superuser("measure")
    browser.force_login(measurer)
    address = f"/calendar/?days={DAYS}"
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        page = browser.get(address).content
    elapsed, worked = [], []
    for _round in range(ROUNDS):
        started = time.perf_counter(), time.process_time()
        browser.get(address)
        elapsed.append(1000 * (time.perf_counter() - started[0]))
        worked.append(1000 * (time.process_time() - started[1]))
    return {
        "median_ms": round(statistics.median(elapsed), 1),
        "processor_ms": round(statistics.median(worked), 1),
        "statements": len(captured),
        "kilobytes": len(page) // 1000,
        "stays": page.count(b"><a class="),
    }


def main() -> None:
    """Measure, and print the figures."""
    prepare_django()
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            # The tests may run beside it, in the file of their own.
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "calendar.sqlite3")
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            fill_houses()
            for name, value in measure_page().items():
                print(f"{name:>12}: {value}")
        finally:
            teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
