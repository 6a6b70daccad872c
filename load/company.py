"""Fills the demo's company with as many people as a load needs, and writes files for them.

``python -m load.company FOLDER COUNT`` with AriStay's settings: everybody has the password of
``ARISTAY_DEMO_PASSWORD``. The names of the people, by what they do, are printed as JSON.
"""

import json
import sys
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, Final

import django

__all__ = ["TASKS_EACH", "main"]

TASKS_EACH: Final = 12
"""How many open tasks each cleaner begins with."""

WORKBOOKS: Final = 40
ROWS: Final = 60
PHOTOS: Final = 8
PHOTO_SIZE: Final = (1600, 1200)
FIRST_YEAR: Final = 2031
"""The imports bring stays of years in which nobody else books."""


def add_people(count: int) -> dict[str, list[str]]:
    """Make people of each kind, beside those of the demo, and return their names."""
    from api.models import Profile, User
    from api.models.auth import Role, TaskGroup

    maria = User.objects.get(username="maria")
    kinds = {"cleaner": Role.STAFF, "manager": Role.MANAGER}
    names: dict[str, list[str]] = {"owner": ["olga", "oscar", "vera"], "importer": ["maria"]}
    for kind, role in kinds.items():
        names[kind] = [f"{kind}{number}" for number in range(count)]
        for name in names[kind]:
            # The same password, encoded once: that takes its time on purpose.
            person = User.objects.create(username=name, password=maria.password)
            group = TaskGroup.CLEANING if role == Role.STAFF else TaskGroup.GENERAL
            profile = Profile.objects.get(user=person)
            profile.role, profile.task_group = role, group
            profile.save()
    return names


def give_tasks(names: list[str]) -> None:
    """Give each cleaner the next open tasks, all of them for today."""
    from django.utils import timezone

    from api.models import Task, User
    from api.models.task_choices import TaskStatus, TaskType

    people = list(User.objects.filter(username__in=names).order_by("pk"))
    soon = timezone.now() + timedelta(hours=1)
    tasks = Task.objects.filter(
        status=TaskStatus.PENDING, task_type=TaskType.CLEANING, due_date__gt=timezone.now()
    ).order_by("due_date", "pk")
    given = list(tasks[: len(people) * TASKS_EACH])
    for number, task in enumerate(given):
        task.assigned_to, task.due_date = people[number % len(people)], soon
    Task.objects.bulk_update(given, ["assigned_to", "due_date"], batch_size=500)


def write_files(folder: Path) -> None:
    """Write the workbooks of the importer, and photos as a phone takes them."""
    from api.services.demo_workbook import make_bookings, write_workbook

    for number in range(WORKBOOKS):
        start = date(FIRST_YEAR + number, 1, 1)
        bookings = make_bookings(count=ROWS, seed=number, start=start)
        (folder / f"bookings{number}.xlsx").write_bytes(write_workbook(bookings))
    for number in range(PHOTOS):
        (folder / f"photo{number}.jpg").write_bytes(draw_photo(Random(number)))


def draw_photo(dice: Random) -> bytes:
    """Return a room in the size and with the noise of a phone's photo, of some 400 kB."""
    from PIL import Image

    from api.services.demo_company.pictures import draw_room

    room = Image.open(BytesIO(draw_room(dice, is_tidy=True))).resize(PHOTO_SIZE)
    noise: Any = Image.effect_noise(PHOTO_SIZE, 60).convert("RGB")
    stream = BytesIO()
    Image.blend(room, noise, 0.25).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def main(folder: Path, count: int) -> None:
    """Fill the company and write the files."""
    django.setup()
    from django.core.management import call_command

    from api.services.changes import making_changes
    from django_modernize.context import change_context

    call_command("setup_demo", stdout=sys.stderr)
    with change_context(source="system", reason="Load test"), making_changes():
        names = add_people(count)
        give_tasks(names["cleaner"])
    write_files(folder)
    print(json.dumps(names))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
