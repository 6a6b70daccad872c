"""Makes up bookings: houses, guests and stays that never overlap, and flawed rows on request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

__all__ = ["FLAWS", "DemoBooking", "make_bookings"]

HOUSES: Final = (
    "26th", "126th", "Cedar Cottage", "Cedar Cottage North", "Juniper House", "Maple Bend",
    "418 Alder Ave N", "2207 Birch St", "9031 Rowan Terr", "Hazel Point", "Laurel Landing",
    "5512 Poplar St", "Sycamore", "77 Willow Way", "Aspen Loft", "Magnolia Manor",
    "1340 Larch Ave N", "Elderberry", "6604 Cypress St", "Hawthorn Hideaway", "Linden Lodge",
    "3rd", "83rd", "Mulberry Mews", "2981 Spruce Terr", "Olive Grove", "Buckeye Bungalow",
    "7115 Hickory St", "Tamarack", "Chestnut Cove", "48 Banyan Blvd", "Fig Tree House",
)  # fmt: skip
GIVEN_NAMES: Final = (
    "Alba", "Bilal", "Cleo", "Dmitri", "Esme", "Fabio", "Gwen", "Hugo", "Ines", "Jonas", "Kaya",
    "Leif", "Mara", "Nico", "Oona", "Pavel", "Rhea", "Silas", "Tova", "Ursa", "Vito", "Willa",
)  # fmt: skip
FAMILY_NAMES: Final = (
    "Ashdown", "Bellweather", "Crane", "Dunmore", "Ellery", "Farrow", "Greaves", "Holloway",
    "Iverson", "Jessop", "Kestrel", "Lorimer", "Merriweather", "Norwood", "Okonjo", "Penrose",
)  # fmt: skip
# UTF-8 that somebody's program read as Windows text, as one of the company's own rows has it.
BROKEN_NAME: Final = "Zoë Brontë".encode().decode("cp1252")
LISTINGS: Final = ("Retreat", "Bungalow", "Hideout", "Gem")
CODE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

FLAWS: Final = (
    "bad date",
    "check-out before check-in",
    "overlap",
    "repeated code",
    "missing property",
    "unknown status",
)
"""What is wrong with the flawed rows, in turn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoBooking:
    """One row of the schedule, as the sheet shows it."""

    code: str
    status: str
    guest_name: str
    label: str
    source: str
    start: date | str
    end: date
    contact: str = ""
    guests: tuple[int, int, int] | None = None
    booked: date | None = None
    listing: str = ""
    earnings: float | None = None
    shows_nights_as_date: bool = False


def make_bookings(
    *, count: int, seed: int, start: date, flawed_count: int = 0
) -> list[DemoBooking]:
    """Return bookings by day of check-in, the flawed ones last; the same for the same arguments.

    Args:
        count: How many, the flawed ones included.
        seed: What the dice start from.
        start: The first possible day.
        flawed_count: How many of them have something wrong, one of :data:`FLAWS` in turn.
    """
    dice = Random(seed)  # noqa: S311 - made-up data
    sound_count = max(0, count - flawed_count)
    stays = sorted(_make_stays(dice, sound_count, start), key=lambda stay: stay[1])
    sound = [
        _make_booking(dice, *stay, today=start + timedelta(days=10), number=number)
        for number, stay in enumerate(stays)
    ]
    flawed = [
        _spoil_booking(dice.choice(sound), FLAWS[number % len(FLAWS)], number)
        for number in range(flawed_count if sound else 0)
    ]
    return [*_vary_labels(dice, sound), *flawed]


def _make_stays(dice: Random, count: int, start: date) -> Iterator[tuple[str, date, date]]:
    """Yield stays, one house after the other, with a turnover on the same day now and then."""
    houses = HOUSES[: max(1, min(len(HOUSES), count // 4))]
    free_from = {house: start + timedelta(days=dice.randrange(12)) for house in houses}
    for number in range(count):
        house = houses[number % len(houses)]
        check_in = free_from[house] + timedelta(days=dice.choice((0, 0, 1, 2, 3, 5, 8)))
        nights = dice.choice((2, 3, 3, 3, 4, 5, 6, 7, 7, 10, 14))
        if number % 83 == 40:
            nights = dice.randrange(60, 381)
        check_out = check_in + timedelta(days=nights)
        free_from[house] = check_out
        yield house, check_in, check_out


def _make_booking(
    dice: Random, house: str, check_in: date, check_out: date, *, today: date, number: int
) -> DemoBooking:
    source = dice.choices(("AIRBNB", "VRBO", "Owner staying", "Directly"), (80, 13, 4, 3))[0]
    name = f"{dice.choice(GIVEN_NAMES)} {dice.choice(FAMILY_NAMES)}"
    booking = DemoBooking(
        code=source,
        status="Owner staying" if source == "Owner staying" else "Booked",
        guest_name=BROKEN_NAME if number == 11 else name,
        label=house,
        source=source,
        start=check_in,
        end=check_out,
    )
    if source == "AIRBNB":
        return _complete_airbnb(dice, booking, check_in, today)
    if source == "VRBO":
        booked = check_in - timedelta(days=dice.randrange(5, 120))
        return replace(booking, code=f"HA-{_make_code(dice, 6)}", booked=booked)
    earnings = round(dice.uniform(400, 6000), 2) if source == "Directly" else None
    return replace(booking, earnings=earnings)


def _complete_airbnb(
    dice: Random, booking: DemoBooking, check_in: date, today: date
) -> DemoBooking:
    hosting = check_in <= today < booking.end
    return replace(
        booking,
        code=f"HM{_make_code(dice, 8)}",
        status="Currently hosting" if hosting else "Confirmed",
        contact=f"+1 555-01{dice.randrange(100):02}-{dice.randrange(10000):04}",
        guests=(dice.randint(1, 8), dice.choice((0, 0, 0, 1, 2)), dice.choice((0, 0, 0, 1))),
        booked=check_in - timedelta(days=dice.randrange(3, 160)),
        listing=f"{booking.label} {dice.choice(LISTINGS)}, {dice.randrange(2, 12)} min to beach",
        earnings=round((booking.end - check_in).days * dice.uniform(110, 420), 2),
        shows_nights_as_date=dice.random() < 0.08,
    )


def _make_code(dice: Random, length: int) -> str:
    return "".join(dice.choices(CODE_LETTERS, k=length))


def _vary_labels(dice: Random, bookings: list[DemoBooking]) -> Iterator[DemoBooking]:
    """Spell some labels otherwise, never a house's first, which may become its name."""
    seen: set[str] = set()
    for booking in bookings:
        label = booking.label
        if label in seen and dice.random() < 0.1:
            label = dice.choice(
                (label.lower(), label.upper(), f"{label} ", label.replace(" ", "  "))
            )
        seen.add(booking.label)
        yield replace(booking, label=label)


def _spoil_booking(booking: DemoBooking, flaw: str, number: int) -> DemoBooking:
    fresh = replace(booking, code=f"HMFLAWED{number:02}", guest_name=f"Flawed Guest {number + 1}")
    if flaw == "bad date":
        return replace(fresh, start="31 Febuary")
    if flaw == "check-out before check-in" and isinstance(fresh.start, date):
        return replace(fresh, end=fresh.start - timedelta(days=2))
    if flaw == "repeated code":
        return replace(booking, guest_name=fresh.guest_name)
    if flaw == "missing property":
        return replace(fresh, label="")
    if flaw == "unknown status":
        return replace(fresh, status="Perhaps")
    return fresh
