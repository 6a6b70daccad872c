"""The houses beyond those that the import has made, their kinds, tags and owners."""

from typing import TYPE_CHECKING, Final

from api.models import Property, PropertyOwnership, PropertyTag, ScheduleTemplate
from api.models.property import PropertyType
from api.models.task_choices import TaskType
from api.services.demo_workbook.bookings import HOUSES
from django_modernize.autotasks.schedules import list_schedules, run_schedules

if TYPE_CHECKING:
    from .company import Company

__all__ = ["add_houses"]

HOUSE_COUNT: Final = 41
"""One of them is given up again."""

MORE_NAMES: Final = (
    "Beech Barn", "Quince Court", "Old Mill", "Rowan Rise", "Larkspur", "12 Acacia Walk",
    "Ivy Gate", "Pine Ridge", "Plum Tree House", "Bramble End", "Teal Cabin", "Heron Loft",
    "Wren House", "Kingfisher", "Otter Lodge", "Marsh View", "Dune Side", "Gull Point",
)  # fmt: skip
STREETS: Final = ("Harbour Road", "Mill Lane", "Shore Drive", "Orchard Street", "Station Avenue")
TYPES: Final = (
    PropertyType.HOUSE,
    PropertyType.HOUSE,
    PropertyType.APARTMENT,
    PropertyType.CABIN,
    PropertyType.CONDO,
)
TAGS: Final = ("pool", "lake side", "dogs welcome")


def add_houses(company: "Company") -> None:
    """Bring the company to its houses, and say more of each."""
    names = Property.objects.values_list("name", flat=True)
    missing = [name for name in (*MORE_NAMES, *HOUSES) if name not in names][
        : HOUSE_COUNT - len(names)
    ]
    Property.objects.bulk_create(Property(name=name) for name in missing)
    company.houses = list(Property.objects.order_by("pk"))
    for number, house in enumerate(company.houses):
        house.address = f"{number * 7 + 3} {STREETS[number % len(STREETS)]}, Lakeport"
        house.property_type = TYPES[number % len(TYPES)]
    Property.objects.bulk_update(company.houses, ["address", "property_type"])
    _add_tags(company)
    _add_owners(company)
    _add_schedules(company)


def _add_tags(company: "Company") -> None:
    pool, lake, dogs = PropertyTag.objects.bulk_create(PropertyTag(name=name) for name in TAGS)
    pool.properties.set(company.houses[::6])
    lake.properties.set(company.houses[1::5])
    dogs.properties.set(company.houses[::3])


def _add_owners(company: "Company") -> None:
    owners = company.people.owners
    rows = [
        PropertyOwnership(
            property=house,
            user=owners[number % len(owners)],
            # The first of them may change what she owns.
            can_edit=number % len(owners) == 0,
        )
        for number, house in enumerate(company.houses[:24])
    ]
    rows.append(
        PropertyOwnership(
            property=company.houses[30],
            user=company.people["oscar"],
            ownership_type=PropertyOwnership.Type.VIEWER,
        )
    )
    PropertyOwnership.objects.bulk_create(rows)


def _add_schedules(company: "Company") -> None:
    """Have the pools looked after each Tuesday, and smoke detectors on the first of a quarter."""
    with_pool = company.houses[::6]
    hank, emil = company.people["hank"], company.people["emil"]
    schedules = [
        ScheduleTemplate(
            name="Pool",
            property=house,
            task_type=TaskType.LAWN_POOL,
            assignee=hank,
            rule="FREQ=WEEKLY;BYDAY=TU",
            first_day=company.today,
            title="Clean the pool - {property_name}",
        )
        for house in with_pool
    ]
    schedules += [
        ScheduleTemplate(
            name="Smoke detectors",
            property=house,
            task_type=TaskType.INSPECTION,
            assignee=emil,
            rule="FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1",
            first_day=company.today.replace(day=1),
            horizon_days=100,
            title="Test the smoke detectors - {property_name}",
        )
        for house in company.houses[:10]
    ]
    for schedule in schedules:
        schedule.full_clean()
    ScheduleTemplate.objects.bulk_create(schedules)
    for schedule_kind in list_schedules():
        run_schedules(schedule_kind)
