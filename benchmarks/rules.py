"""AriStay's rules: twenty templates planned and applied, against a receiver of each save."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Final

from django.db import transaction
from django.db.models.signals import post_save

from api.models import AutoTaskTemplate, Booking, Property, Task
from django_modernize.autotasks import Plan, plan
from django_modernize.autotasks.applying import apply
from django_modernize.autotasks.previewing import preview_template
from django_modernize.autotasks.running import follow_changes

from .harness import Benchmark, Variant
from .importing import empty_tables

__all__ = ["list_benchmarks"]

TEMPLATES: Final = 20
PROPERTIES: Final = 40
FIRST_DAY: Final = datetime(2036, 1, 1, 16, tzinfo=UTC)

_bookings: Final = count()


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements: all bookings, a tenth of them that are new, and a fiftieth."""
    yield Benchmark(
        group="autotasks",
        title=f"{rows:,} bookings x {TEMPLATES} templates",
        variants=(
            Variant(name="plan()", prepare=partial(prepare_bookings, rows), run=plan_all),
            Variant(
                name="plan(), nothing changed",
                prepare=partial(prepare_tasks, rows),
                run=plan_all,
            ),
            Variant(name="apply()", prepare=partial(prepare_plan, rows), run=apply),
            Variant(
                name="preview_template() of one",
                prepare=partial(prepare_tasks, rows),
                run=lambda _: preview_template(draft_template()),
            ),
        ),
    )
    for part, name in ((10, "follow_changes(), bulk_create()"), (50, "")):
        yield from list_new(rows // part, with_receiver=not name)


def list_new(new: int, *, with_receiver: bool) -> Iterator[Benchmark]:
    """Yield the measurement of new bookings, with the receiver where that does not take minutes."""
    receiver = Variant(
        name="a receiver of each save()",
        prepare=partial(prepare_bookings, 0),
        run=lambda _: save_with_receiver(new),
        uses_library=False,
    )
    plain = Variant(
        name="bulk_create() without rules",
        prepare=partial(prepare_bookings, 0),
        run=lambda _: Booking.objects.bulk_create(make_bookings(new)),
    )
    ruled = Variant(
        name="bulk_create() in follow_changes()",
        prepare=partial(prepare_bookings, 0),
        run=lambda _: create_with_rules(new),
    )
    yield Benchmark(
        group="autotasks",
        title=f"{new:,} new bookings, {TEMPLATES} templates",
        variants=(receiver, ruled) if with_receiver else (plain, ruled),
    )


def prepare_bookings(rows: int) -> None:
    """Leave the houses, twenty templates and so many bookings without a task."""
    empty_tables()
    Property.objects.bulk_create(Property(name=f"House {number}") for number in range(PROPERTIES))
    AutoTaskTemplate.objects.all().hard_delete()
    AutoTaskTemplate.objects.bulk_create(make_templates())
    Booking.objects.bulk_create(make_bookings(rows), batch_size=1000)


def prepare_plan(rows: int) -> Plan:
    """Return a plan that nobody has carried out."""
    prepare_bookings(rows)
    return plan_all()


def prepare_tasks(rows: int) -> None:
    """Leave the tasks that the templates ask for."""
    apply(prepare_plan(rows))


def plan_all(_prepared: object = None) -> Plan:
    """Plan all bookings and templates."""
    return plan(Booking.objects.all())


def create_with_rules(new: int) -> None:
    """Make bookings as AriStay does."""
    with follow_changes():
        Booking.objects.bulk_create(make_bookings(new))


def save_with_receiver(new: int) -> None:
    """Make bookings as a project without the library does: a receiver asks and makes each task."""
    with receiving(), transaction.atomic():
        for booking in make_bookings(new):
            booking.save()


@contextmanager
def receiving() -> Iterator[None]:
    """Have a receiver look at each booking that is saved."""
    rules = [(one.title, one.offset, make_test(one.conditions)) for one in make_templates()]

    def make_tasks(instance: Booking, **kwargs: Any) -> None:
        for title, offset, holds in rules:
            if holds(instance):
                Task.objects.get_or_create(
                    booking=instance,
                    property_id=instance.property_id,
                    title=title.replace("{guest_name}", instance.guest_name),
                    defaults={"due_date": instance.check_in + timedelta(days=offset)},
                )

    post_save.connect(make_tasks, sender=Booking)
    try:
        yield
    finally:
        post_save.disconnect(make_tasks, sender=Booking)


def make_test(conditions: dict[str, Any]) -> Callable[[Booking], bool]:
    """Return what a template's condition says, as a project would write it."""
    nights, sources = conditions["all"][0]["value"], conditions["all"][1]["value"]
    return lambda booking: (booking.nights or 0) > nights and booking.source in sources


def make_templates() -> list[AutoTaskTemplate]:
    """Return templates with two conditions each; one in twenty holds for a booking, all told."""
    return [draft_template(number) for number in range(TEMPLATES)]


def draft_template(number: int = 0) -> AutoTaskTemplate:
    """Return a template that holds for the bookings of one source that are long enough."""
    return AutoTaskTemplate(
        name=f"Rule {number}",
        subject_key="booking",
        anchor="check_in",
        offset=-(number % 5),
        title=f"Task {number} for {{guest_name}}",
        conditions={
            "all": [
                {"field": "nights", "is": "more", "value": 1},
                {"field": "source", "is": "in", "value": [f"Source {number}"]},
            ]
        },
    )


def make_bookings(rows: int) -> Sequence[Booking]:
    """Return bookings one after the other in each house, none of them seen before."""
    houses = list(Property.objects.values_list("pk", flat=True))
    start = next(_bookings) * (rows // PROPERTIES + 1)
    return [
        Booking(
            property_id=houses[number % PROPERTIES],
            guest_name=f"Guest {number}",
            check_in=(arrival := FIRST_DAY + timedelta(days=4 * (start + number // PROPERTIES))),
            check_out=arrival + timedelta(days=3),
            nights=3,
            source=f"Source {number % TEMPLATES}",
            external_code=f"HM{number}",
        )
        for number in range(rows)
    ]
