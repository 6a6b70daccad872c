"""Rows of the legacy system with all that went wrong in it, for the way over to be tried on.

``fill_legacy`` writes them through the models of the first migration. Everything is the same each
time, so that what comes back can be compared.
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.migrations.state import StateApps
from django.db.models import QuerySet

__all__ = ["NINE_HISTORIES", "NOON", "fill_legacy"]

NINE_HISTORIES = (
    "Property",
    "Task",
    "Booking",
    "Notification",
    "ChecklistTemplate",
    "InventoryItem",
    "PropertyInventory",
    "InventoryTransaction",
    "GeneratedTask",
)

NOON = datetime(2024, 5, 1, 12, 0, 0, 123456, UTC)


class Filler:
    """Writes rows past all that fills fields by itself."""

    def __init__(self, apps: StateApps, using: str) -> None:
        self.apps = apps
        self.using = using
        for model in apps.get_models():
            for field in model._meta.local_fields:
                if hasattr(field, "auto_now"):
                    field.auto_now = field.auto_now_add = False

    def add(self, model_name: str, *rows: dict[str, Any]) -> list[Any]:
        """Insert rows, and return them with their keys."""
        model: Any = self.apps.get_model("api", model_name)
        return QuerySet(model, using=self.using).bulk_create([model(**row) for row in rows])


def fill_legacy(apps: StateApps, using: str, *, stays: int = 40) -> None:
    """Write users, houses, stays, tasks and all else, with every quirk at least once.

    Args:
        apps: The models as ``0001_legacy`` leaves them.
        using: The database.
        stays: How many faultless stays there are, each with its task, beside the faulty ones.
    """
    filler = Filler(apps, using)
    users = _add_people(filler)
    houses = _add_houses(filler, users)
    bookings = _add_bookings(filler, houses, stays)
    tasks = _add_tasks(filler, users, houses, bookings)
    _add_photos(filler, users, tasks)
    _add_notifications(filler, users, tasks)
    _add_stock(filler, users, houses)
    _add_schedules(filler, users, houses, tasks)
    _add_imports(filler, users, houses)


def _say(minutes: int, sentence: str) -> str:
    return f"{(NOON + timedelta(minutes=minutes)).isoformat()}: {sentence}"


def _write(*sentences: str) -> str:
    return json.dumps([_say(minutes, one) for minutes, one in enumerate(sentences)])


def _add_people(filler: Filler) -> list[Any]:
    users = filler.add(
        "User",
        {"username": "ann", "is_superuser": True, "is_staff": True},
        {"username": "ben", "is_staff": True},
        {"username": "cyd"},  # has no profile
        {"username": "dee"},  # has two
        {"username": "eve"},
    )
    ann, ben, _cyd, dee, eve = users
    filler.add(
        "Profile",
        {"user": ann, "role": "superuser", "timezone": "America/New_York"},
        {"user": ben, "role": "manager", "phone_number": "+1 555 0100"},
        {"user": dee, "role": "manager", "timezone": "Europe/Berlin"},
        {"user": dee, "role": "staff", "phone_number": "+1 555 0101", "digest_opt_out": True},
        {"user": eve, "role": "Boss ", "timezone": "EST/Nowhere", "address": "1 Elm\n2nd floor"},
    )
    return users


def _add_houses(filler: Filler, users: list[Any]) -> list[Any]:
    ann, ben, *_others = users
    names = ("Owl Point", "owl point", "Owl  Point ", "Crane", "26th Street", "126th Street", "Elm")
    histories = (
        _write("ann created property", "ann changed property name from 'Owl' to 'Owl Point'"),
        "[]",
        "",
        "no JSON at all",
        _write("ben changed address from 'a to b' to 'c to d'")[:-9],
        json.dumps({"not": "a list"}),
        json.dumps([_say(1, "unknown changed name from 'Oak' to 'Elm'"), 7, "no time at all"]),
    )
    houses = filler.add(
        "Property",
        *(
            {
                "name": name,
                "address": "long " * 80 if number == 3 else f"{number} Lake Road",
                "created_at": NOON + timedelta(days=number),
                "modified_at": NOON + timedelta(days=number, hours=1),
                "created_by": ann if number % 2 else None,
                "modified_by": ben,
                "history": histories[number],
            }
            for number, name in enumerate(names)
        ),
    )
    filler.add(
        "PropertyOwnership",
        {"property": houses[0], "user": users[4], "ownership_type": "owner", "can_edit": True},
        {"property": houses[0], "user": users[4], "ownership_type": "viewer"},
        {"property": houses[3], "user": users[2], "ownership_type": "manager"},
    )
    return houses


def _add_bookings(filler: Filler, houses: list[Any], stays: int) -> list[Any]:
    usual = [
        {
            "property": houses[number % 3 + 3],
            "check_in_date": NOON + timedelta(days=3 * number),
            "check_out_date": NOON + timedelta(days=3 * number + 2),
            "guest_name": f"Guest {number}",
            "external_code": f"HM{number:06}",
            "source": "Airbnb",
            "earnings_amount": Decimal(number) + Decimal("0.10"),
            "booked_on": date(2024, 1, 1) + timedelta(days=number),
            "nights": 2,
            "raw_row": {"Guest name": f"Guest {number}", "n": number} if number % 3 else None,
            "history": "[]",
        }
        for number in range(stays)
    ]
    begin = NOON + timedelta(days=10_000)

    def stay(first: int, last: int, **values: Any) -> dict[str, Any]:
        return {
            "property": houses[0],
            "check_in_date": begin + timedelta(days=first),
            "check_out_date": begin + timedelta(days=last),
            "guest_name": "Somebody",
            **values,
        }

    faulty = [
        stay(0, 5, external_code="HA1", source="VRBO"),
        stay(3, 6, external_code="HA1", source="VRBO"),  # overlaps, and has the same code
        stay(5, 9, external_code="HA1", source="VRBO", status="confirmed"),  # turnover: no fault
        stay(20, 20, nights=3),  # no night at all
        stay(31, 30, status="completed"),  # ends before it begins
        stay(40, 41, external_code="Directly"),
        stay(41, 42, external_code="Directly"),
        stay(42, 43, external_code="Owner staying", status="owner_staying"),
        stay(50, 51, status="canceled"),
        stay(50, 51, status="Currently Hosting", external_status="Checking out today"),
        stay(60, 61, status="???", nights=45_291, adults=70_000),
        stay(62, 63, earnings_currency="usd", raw_row={}),
        stay(64, 65, earnings_currency="US Dollar", earnings_amount=Decimal("1234567.89")),
        stay(66, 67, earnings_currency="", last_import_update=NOON),
        stay(68, 69, guest_name="Zo\u00c3\u00ab", history='["cut off in the mid'),
    ]
    return filler.add("Booking", *usual, *faulty)


def _add_tasks(
    filler: Filler, users: list[Any], houses: list[Any], bookings: list[Any]
) -> list[Any]:
    ann, ben, cyd, *_others = users
    words = ("pending", "in-progress", "completed", "canceled", "Confirmed", "Booked")
    usual = [
        {
            "title": f"Pre-arrival Cleaning - {booking.property.name}",
            "property": booking.property,
            "booking": booking,
            "due_date": booking.check_in_date - timedelta(days=1),
            "status": words[number % len(words)],
            "assigned_to": ben if number % 4 == 0 else None,
            "created_at": NOON,
            "modified_at": NOON + timedelta(hours=number),
            "created_by": ann,
            "history": _write(
                "ann created task",
                "ann changed status from 'pending' to 'in-progress'",
                "ben changed assignee from 'unassigned' to 'ben'",
                f"system changed assigned_to from '{ben.pk}' to '{cyd.pk}'",
            ),
        }
        for number, booking in enumerate(bookings)
    ]
    stamps = {"created_at": NOON, "modified_at": NOON}
    odd = [
        {"title": "Strayed", "property": houses[6], "booking": bookings[0], **stamps},
        {"title": "Homeless", **stamps},
        {"title": "House of its booking", "booking": bookings[1], **stamps},
        {"title": "Spelled as today", "property": houses[3], "status": "in_progress", **stamps},
        {"title": "Odd type", "property": houses[3], "task_type": "Lawn/Pool", **stamps},
        {
            "title": "Ambiguous",
            "property": houses[3],
            "history": _write("ben changed description from 'up' to 'down' to 'left'"),
            **stamps,
        },
        {
            "title": "Photos",
            "property": houses[3],
            "history": _write(
                "ann added photo /media/tasks/1/a.jpg", "ann deleted photo /media/tasks/1/a.jpg"
            ),
            **stamps,
        },
    ]
    tasks = filler.add("Task", *usual, *odd)
    links = filler.apps.get_model("api", "Task").depends_on.through
    pairs = [(0, 1), (0, 2), (1, 2), (3, 3), (4, 5), (5, 6), (6, 4)]  # two circles
    QuerySet(links, using=filler.using).bulk_create(
        links(from_task=tasks[first], to_task=tasks[second]) for first, second in pairs
    )
    muted = filler.apps.get_model("api", "Task").muted_by.through
    QuerySet(muted, using=filler.using).bulk_create(
        muted(task=task, user=cyd) for task in tasks[:3]
    )
    return tasks


def _add_photos(filler: Filler, users: list[Any], tasks: list[Any]) -> None:
    filler.add(
        "TaskImage",
        *(
            {"task": tasks[number], "image": path, "uploaded_at": NOON, "uploaded_by": users[1]}
            for number, path in enumerate(
                ("tasks/1/kitchen.jpg", "tasks/2/IMG 0001 (2).JPG", "old photos/bath\u00e9.jpeg")
            )
        ),
    )


def _add_notifications(filler: Filler, users: list[Any], tasks: list[Any]) -> None:
    word = {"recipient": users[1], "task": tasks[0], "verb": "assigned"}
    filler.add(
        "Notification",
        {**word, "timestamp": NOON},
        {**word, "timestamp": NOON + timedelta(days=1), "history": _write("ben marked as unread")},
        {**word, "timestamp": NOON, "read": True, "history": _write("ben marked as read")},
        {**word, "timestamp": NOON, "task": None, "verb": "Photo Added"},
        {**word, "timestamp": NOON, "verb": "something that nobody knows any more"},
    )


def _add_stock(filler: Filler, users: list[Any], houses: list[Any]) -> None:
    switched = _write("ann deactivated template", "ann activated template")
    filler.add(
        "ChecklistTemplate",
        {"name": "Cleaning", "task_type": "cleaning", "history": switched},
        {"name": "cleaning ", "task_type": "cleaning"},
        {"name": "Pool", "task_type": "lawn_pool", "is_active": False},
    )
    items = filler.add(
        "InventoryItem",
        {"name": "Soap", "cost": 1.25, "sku": "S1", "history": _write("ann activated item")},
        {"name": "SOAP", "cost": 0.125, "sku": "S1"},
        {"name": "Towel", "cost": -3.0, "sku": None},
        {"name": "Cup", "cost": None, "sku": ""},
    )
    counted = _write("ben changed current stock from 4 rolls to 2 rolls")
    stocks = filler.add(
        "PropertyInventory",
        {"property": houses[0], "item": items[0], "current_stock": 2, "history": counted},
        {"property": houses[0], "item": items[1], "current_stock": -2, "par_level": 3},
        {"property": houses[3], "item": items[0], "par_level": 5, "max_level": 4},
    )
    filler.add(
        "InventoryTransaction",
        *(
            {
                "property_inventory": stocks[0],
                "transaction_type": kind,
                "quantity": Decimal(amount),
                "created_by": users[1],
                "created_at": NOON,
                "history": _write(f"ben created {kind}"),
            }
            for kind, amount in (
                ("stock_in", "6"),
                ("stock_out", "2"),
                ("stock_out", "-1"),
                ("damage", "1.50"),
                ("adjustment", "-0.50"),
                ("adjustment", "0"),
                ("lost", "1"),
            )
        ),
    )


def _add_schedules(filler: Filler, users: list[Any], houses: list[Any], tasks: list[Any]) -> None:
    day = date(2024, 1, 31)
    frequencies = ("daily", "weekly", "monthly", "quarterly", "yearly", "custom", "Fortnightly")
    schedules = filler.add(
        "ScheduleTemplate",
        *(
            {
                "name": f"Work {word}",
                "frequency": word,
                "interval": number,
                "start_date": day,
                "end_date": date(2025, 1, 31) if number % 2 else None,
                "property": houses[number] if number < 5 else None,
                "default_assignee": users[1],
                "last_generated": day,
            }
            for number, word in enumerate(frequencies)
        ),
    )
    filler.add(
        "GeneratedTask",
        *(
            {
                "schedule": schedules[number],
                "task": tasks[number],
                "generated_for_date": day,
                "history": _write("system created task"),
            }
            for number in (0, 1, 2, 2, 6)
        ),
    )


def _add_imports(filler: Filler, users: list[Any], houses: list[Any]) -> None:
    templates = filler.add(
        "BookingImportTemplate",
        {"name": "Workbook", "date_format": "%m/%d/%Y"},
        {"name": "workbook ", "property": houses[0], "import_type": "Google Sheets (old)"},
        {"name": "Odd", "date_format": "whatever somebody thought of", "auto_create_tasks": False},
    )
    conflicts = [
        {"row_number": 7, "guest_name": "Zoe", "property_name": "26TH STREET", "reason": "overlap"},
        {"row_number": 7, "guest_name": "Yan", "confirmation_code": "HM1"},
    ]
    text = f"Row 3: no date\nRow 5: no house\nCONFLICTS_DATA:{json.dumps(conflicts)}"
    filler.add(
        "BookingImportLog",
        *(
            {
                "template": template,
                "import_file": f"booking_imports/2024/{name}",
                "total_rows": rows,
                "successful_imports": rows,
                "errors_count": len(errors) and 2,
                "errors_log": errors,
                "imported_by": users[0],
                "imported_at": NOON,
            }
            for template, name, rows, errors in (
                (templates[0], "May.xlsx", 10, text),
                (None, "June.xlsx", -1, ""),
                (templates[1], "July.xlsx", 3, "CONFLICTS_DATA:[{broken"),
            )
        ),
    )
