"""A small company to look at: houses, stays that meet at turnovers, tasks, and a person a role."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from api.models import (
    AutoTaskTemplate,
    Booking,
    BookingImportLog,
    ChecklistItem,
    ChecklistTemplate,
    InventoryCategory,
    InventoryItem,
    PermissionOverride,
    Profile,
    Property,
    PropertyOwnership,
    ScheduleTemplate,
    Task,
    User,
)
from api.models.auth import Role, TaskGroup
from api.models.booking import BookingStatus
from api.models.checklist import ItemType
from api.models.task_choices import TaskStatus, TaskType
from api.services.inventory import start_stock
from api.services.lost_found import report_item
from api.services.task import create_task
from django_modernize.autotasks.schedules import get_schedule, run_schedules
from django_modernize.context import change_context

__all__ = ["PASSWORD", "PEOPLE", "add_houses", "build_company", "prepare_journeys"]

PASSWORD = "only-for-these-tests"
PEOPLE = {
    "vera": (Role.VIEWER, "Vera", "Okafor", TaskGroup.NONE),
    "sam": (Role.STAFF, "Sam", "Rivera", TaskGroup.CLEANING),
    "mona": (Role.MANAGER, "Mona", "Lindqvist", TaskGroup.NONE),
    "boss": (Role.SUPERUSER, "Bea", "Boss", TaskGroup.NONE),
}
HOUSES = [
    *("Amber Cottage", "Birch Hollow", "Cedar Point", "Dune House", "Elm Terrace", "Fern Lodge"),
    *("Gull's Nest", "Harbor Loft", "Iris Cabin", "Juniper Barn", "Kite Hill", "Lighthouse Lane"),
]
GUESTS = [
    *("Ada Lovelace", "Grace Hopper", "Karen Jones", "Radia Perlman", "Barbara Liskov"),
    *("Edsger Dijkstra", "Tony Hoare", "Donald Knuth", "Frances Allen", "Ken Iverson"),
]
CHECKS = [
    ("Bedroom", "Strip the beds", ItemType.CHECK),
    ("Bedroom", "Smoke detector works", ItemType.BLOCKING),
    ("Bathroom", "Towels counted", ItemType.NUMBER),
    ("Kitchen", "The kitchen as you leave it", ItemType.PHOTO_REQUIRED),
]
SOURCES = ["Airbnb", "Vrbo", "Direct"]


def build_company(houses: int = len(HOUSES), stays: int = 10) -> dict[str, User]:
    """Fill the empty database, and return the people by their names.

    Args:
        houses: How many houses.
        stays: How many stays each has, one after another from last week on.
    """
    # The tasks are those that are made here.
    AutoTaskTemplate.objects.update(is_active=False)
    people = {name: make_person(name, *facts) for name, facts in PEOPLE.items()}
    add_houses(people, HOUSES[:houses], stays)
    owned = Property.objects.filter(name__in=[HOUSES[0], HOUSES[3]])
    for house in owned:
        PropertyOwnership.objects.create(property=house, user=people["vera"])
    make_imports(people["mona"])
    return people


def add_houses(people: dict[str, User], names: list[str], stays: int) -> None:
    """Make houses with what goes on in them."""
    with change_context(actor=people["mona"]):
        for number, name in enumerate(names):
            address = f"{number * 7 + 3} Shore Road"
            house = Property.objects.create(name=name, address=address)
            fill_house(house, number, stays, people)


def make_person(name: str, role: str, first: str, last: str, group: str) -> User:
    """Make a person of a role."""
    make = User.objects.create_superuser if role == Role.SUPERUSER else User.objects.create_user
    user = make(name, f"{name}@example.com", PASSWORD, first_name=first, last_name=last)
    Profile.objects.filter(user=user).update(role=role, task_group=group)
    return User.objects.get(pk=user.pk)


def fill_house(house: Property, number: int, stays: int, people: dict[str, User]) -> None:
    """Give a house stays with turnovers and gaps, and tasks around them."""
    today = timezone.localdate()
    day = today - timedelta(days=9 - number % 4)
    for position in range(stays):
        nights = 2 + (number + position * 3) % 6
        stay = make_stay(house, number + position, day, nights, today)
        make_tasks(stay, position, today, people)
        day += timedelta(days=nights + (number + position) % 3)


def make_stay(house: Property, number: int, day: date, nights: int, today: date) -> Booking:
    """Make one stay with the status that its days call for."""
    last = day + timedelta(days=nights)
    status = BookingStatus.CONFIRMED if number % 2 else BookingStatus.BOOKED
    if last <= today:
        status = BookingStatus.COMPLETED
    elif day <= today:
        status = BookingStatus.CURRENTLY_HOSTING
    elif number % 9 == 0:
        status = BookingStatus.OWNER_STAYING
    return Booking.objects.create(
        property=house,
        check_in=house.check_in_at(day),
        check_out=house.check_out_at(last),
        guest_name=GUESTS[number % len(GUESTS)],
        status=status,
        nights=nights,
        adults=1 + number % 4,
        children=number % 3,
        source=SOURCES[number % 3],
        external_code=f"HM{house.pk:02}{number:04}",
    )


def make_tasks(stay: Booking, position: int, today: date, people: dict[str, User]) -> None:
    """Make the cleaning after a stay, and now and then something else."""
    day = stay.check_out.astimezone(ZoneInfo(stay.property.time_zone)).date()
    if not today - timedelta(days=3) <= day <= today + timedelta(days=8):
        return
    is_past = day < today
    is_late = is_past and position % 4 == 1
    Task.objects.create(
        title=f"Turnover cleaning, {stay.property}",
        description="Linen is in the hall. Leave the key in the box.",
        task_type=TaskType.CLEANING,
        status=TaskStatus.COMPLETED if is_past and not is_late else TaskStatus.PENDING,
        property=stay.property,
        booking=stay,
        due_date=at(day, 11, stay.property),
        assigned_to=people["sam"] if position % 3 else None,
    )
    if position % 3 == 0:
        Task.objects.create(
            title="Look at the water heater",
            task_type=TaskType.MAINTENANCE,
            status=TaskStatus.IN_PROGRESS,
            property=stay.property,
            due_date=at(day, 14, stay.property),
        )


def at(day: date, hour: int, house: Property) -> datetime:
    """Return an hour of a day by a house's clock."""
    return datetime.combine(day, time(hour), ZoneInfo(house.time_zone))


def prepare_journeys(people: dict[str, User]) -> None:
    """Put a house into the bin, and let the manager bring it back."""
    PermissionOverride.objects.create(
        user=people["mona"], permission="api.restore_deleted", is_granted=True, reason="tidies up"
    )
    house = Property.objects.get(name="Fern Lodge")
    house.soft_delete(user=people["boss"], reason="sold, as it seemed")
    make_stock(people)
    make_list(people)
    make_schedules(people)


def make_list(people: dict[str, User]) -> None:
    """Give the cleaner a task of today with a checklist of every kind of item."""
    template = ChecklistTemplate.objects.create(name="Turnover", task_type=TaskType.PREPARATION)
    for order, (room, title, kind) in enumerate(CHECKS):
        ChecklistItem.objects.create(
            template=template, room=room, title=title, item_type=kind, order=order
        )
    house = Property.objects.get(name="Cedar Point")
    create_task(
        actor=people["mona"],
        title="Get Cedar Point ready",
        description="Linen is in the hall. Leave the key in the box.",
        task_type=TaskType.PREPARATION,
        property=house,
        due_date=at(timezone.localdate(), 13, house),
        assigned_to=people["sam"],
    )


def make_schedules(people: dict[str, User]) -> None:
    """Have a pool looked after each week, and smoke detectors each quarter, which is off."""
    house = Property.objects.get(name="Cedar Point")
    values = {"property": house, "first_day": timezone.localdate()}
    ScheduleTemplate.objects.create(
        name="Pool",
        # From today on, whichever day that is.
        rule="FREQ=WEEKLY",
        title="Clean the pool - {property_name}",
        task_type=TaskType.LAWN_POOL,
        assignee=people["sam"],
        **values,
    )
    ScheduleTemplate.objects.create(
        name="Smoke detectors",
        is_active=False,
        rule="FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1",
        title="Test the smoke detectors",
        task_type=TaskType.INSPECTION,
        **values,
    )
    run_schedules(get_schedule(ScheduleTemplate))


def make_stock(people: dict[str, User]) -> None:
    """Give the houses a little stock, some of it low, and something that was left behind."""
    category = InventoryCategory.objects.create(name="Linen")
    towel = InventoryItem.objects.create(category=category, name="Towels", unit="pieces")
    for number, house in enumerate(Property.objects.all()):
        stock = Decimal(number * 4)
        start_stock(actor=people["boss"], house=house, item=towel, par=Decimal(6), stock=stock)
        if number < 2:
            report_item(actor=people["sam"], house=house, title="Blue umbrella")


def make_imports(user: User) -> None:
    """Make logs of imports that went well, and less well."""
    for number in range(6):
        log = BookingImportLog.objects.create(
            file_name="cleaning_schedule.xlsx",
            request_id="0" * 32,
            row_count=165,
            created_count=120 - number * 18,
            updated_count=number * 4,
            unchanged_count=number * 14,
            conflict_count=number % 3 * 6,
            refused_count=12 - number * 2,
            imported_by=user,
        )
        moment = timezone.now() - timedelta(days=12 - number * 2)
        BookingImportLog.objects.filter(pk=log.pk).update(imported_at=moment)
