"""Existing bookings in memory, found by code, by guest and dates, or by overlap."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from api.models import Booking
from api.models.booking import BookingStatus
from api.models.import_reasons import Saying

from .houses import House, HouseIndex
from .rows import BookingRow, RefusedRow
from .words import name_key

__all__ = ["MatchRules", "Stay", "StayIndex", "load_stays"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchRules:
    """By what a row may be known to speak of a stored booking."""

    code: bool = True
    """The platform's code."""
    guest_and_dates: bool = True
    """House, guest and dates."""
    dates: bool = False
    """House and dates, whoever the guest is."""


@dataclass(kw_only=True, slots=True, eq=False)
class Stay:
    """A booking that is stored, or one that an earlier row of the file makes."""

    house: House
    """Where it is."""
    check_in: datetime
    """When it begins."""
    check_out: datetime
    """When it ends."""
    guest_name: str
    """Who stays."""
    guest_contact: str
    """How to reach the guest."""
    status: str
    """A value of ``BookingStatus``."""
    status_text: str
    """The word of the source for it."""
    code: str
    """The confirmation code."""
    source: str
    """Where it was made."""
    listing_name: str
    """The platform's title."""
    earnings: Decimal | None
    """What the company earns."""
    booked_on: date | None
    """The day of the booking."""
    adults: int
    """How many adults stay."""
    children: int
    """How many children stay."""
    infants: int
    """How many infants stay."""
    booking_id: int | None = None
    """The primary key of a stored one."""
    row_number: int | None = None
    """The last row of the file that spoke of it."""

    @property
    def start_date(self) -> date:
        """The day of check-in by the house's clock."""
        return self.house.day_of(self.check_in)

    @property
    def end_date(self) -> date:
        """The day of check-out by the house's clock."""
        return self.house.day_of(self.check_out)

    @property
    def is_active(self) -> bool:
        """Whether it keeps others out of the house."""
        return self.status != BookingStatus.CANCELLED

    @property
    def title(self) -> Saying:
        """What a message calls it."""
        text = _("row %(number)d (%(guest)s, %(start)s to %(end)s)")
        if self.booking_id:
            text = _("booking %(number)d (%(guest)s, %(start)s to %(end)s)")
        return Saying(
            text,
            {
                "number": self.booking_id or self.row_number or 0,
                "guest": self.guest_name,
                "start": self.start_date,
                "end": self.end_date,
            },
        )


CODES_PER_QUERY: Final = 10_000
"""How many values a statement of SQLite takes."""

STAYS_PER_FETCH: Final = 2_000

StayKey = tuple[House, str, date, date]
DEFAULT_RULES = MatchRules()


class StayIndex:
    """The stays of all houses that an import may touch.

    Args:
        stays: What is stored, without overlaps.
        deleted_codes: Codes of deleted bookings.
        rules: By what a row may match.
    """

    def __init__(
        self,
        stays: Iterable[Stay] = (),
        deleted_codes: Iterable[str] = (),
        *,
        rules: MatchRules = DEFAULT_RULES,
    ) -> None:
        self.rules = rules
        self.deleted_codes = frozenset(deleted_codes)
        self._by_code: dict[str, list[Stay]] = defaultdict(list)
        self._by_key: dict[StayKey, Stay] = {}
        self._by_house: dict[House, list[Stay]] = defaultdict(list)
        for stay in stays:
            self.add_stay(stay)

    def add_stay(self, stay: Stay) -> None:
        """Make a stay known."""
        if stay.code:
            self._by_code[stay.code].append(stay)
        key = (stay.house, name_key(stay.guest_name), stay.start_date, stay.end_date)
        # An active stay explains a row better than a cancelled one with the same guest and dates.
        if stay.is_active or key not in self._by_key:
            self._by_key[key] = stay
        if stay.is_active:
            self.occupy_house(stay)

    def occupy_house(self, stay: Stay) -> None:
        """Let a stay keep others out of its house."""
        insort(self._by_house[stay.house], stay, key=lambda one: one.check_in)

    def vacate_house(self, stay: Stay) -> None:
        """Let others into the house in place of a stay."""
        self._by_house[stay.house].remove(stay)

    def find_match(self, row: BookingRow, house: House) -> Stay | None:
        """Return the stay that a row speaks of: by code, else by house, guest and dates.

        A code that is known in another house alone gives the stay there.
        """
        if row.code and self.rules.code:
            known = self._by_code.get(row.code, [])
            found = next((stay for stay in known if stay.house is house), next(iter(known), None))
            return found or (self._find_by_dates(row, house) if self.rules.dates else None)
        if self.rules.guest_and_dates:
            key = (house, name_key(row.guest_name), row.start_date, row.end_date)
            if found := self._by_key.get(key):
                return found
        return self._find_by_dates(row, house) if self.rules.dates else None

    def _find_by_dates(self, row: BookingRow, house: House) -> Stay | None:
        stay = self.find_overlap(
            house, house.check_in_at(row.start_date), house.check_out_at(row.end_date)
        )
        dates = (row.start_date, row.end_date)
        return stay if stay and (stay.start_date, stay.end_date) == dates else None

    def find_overlap(
        self, house: House, check_in: datetime, check_out: datetime, *, without: Stay | None = None
    ) -> Stay | None:
        """Return an active stay that shares time with a span of time in a house."""
        stays = self._by_house.get(house, [])
        position = bisect_left(stays, check_out, key=lambda one: one.check_in)
        # Stays do not overlap one another, so if the last one before has ended, all have.
        # With the one left aside, that is one of the last two.
        last_two = [stay for stay in stays[max(0, position - 2) : position] if stay is not without]
        return next((stay for stay in last_two if stay.check_out > check_in), None)


def load_stays(
    rows: Iterable[BookingRow | RefusedRow],
    houses: HouseIndex,
    *,
    rules: MatchRules = DEFAULT_RULES,
    targets: Iterable[House] = (),
) -> StayIndex:
    """Return every stored stay that the rows may speak of or collide with.

    Args:
        rows: The rows of the file.
        houses: The houses; the rows' labels decide which ones count.
        rules: By what a row may match.
        targets: Further houses that rows are moved to.

    Costs one query, and one more for each further 10,000 codes.
    """
    readable = [row for row in rows if isinstance(row, BookingRow)]
    if not readable:
        return StayIndex(rules=rules)
    labels = {row.property_label for row in readable}
    touched = {*houses.find_stored(labels), *targets}
    codes = sorted({row.code for row in readable if row.code})
    stays: dict[int, Stay] = {}
    deleted_codes: list[str] = []
    for relevant in (
        _share_days(readable, touched) | Q(external_code__in=codes[:CODES_PER_QUERY]),
        *(Q(external_code__in=part) for part in _cut(codes[CODES_PER_QUERY:])),
    ):
        found = Booking.all_objects.filter(relevant).values_list(*STORED_FIELDS).order_by("pk")
        for deleted_at, house_id, *values in found.iterator(chunk_size=STAYS_PER_FETCH):
            named = dict(zip(STAY_NAMES, values, strict=True))
            if deleted_at is None and house_id in houses.by_pk:
                stays[named["booking_id"]] = Stay(house=houses.by_pk[house_id], **named)
            else:
                deleted_codes.append(named["code"])
    return StayIndex(map(stays.__getitem__, sorted(stays)), deleted_codes, rules=rules)


def _share_days(rows: Sequence[BookingRow], touched: Collection[House]) -> Q:
    if not touched:
        return Q(pk__in=())
    first = min(row.start_date for row in rows)
    last = max(row.end_date for row in rows)
    return Q(
        property_id__in=[house.pk for house in touched],
        deleted_at__isnull=True,
        check_in__lt=max(house.check_out_at(last) for house in touched),
        check_out__gt=min(house.check_in_at(first) for house in touched),
    )


def _cut(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(codes), CODES_PER_QUERY):
        yield codes[start : start + CODES_PER_QUERY]


STAY_FIELDS = {
    "booking_id": "pk",
    "check_in": "check_in",
    "check_out": "check_out",
    "guest_name": "guest_name",
    "guest_contact": "guest_contact",
    "status": "status",
    "status_text": "external_status",
    "code": "external_code",
    "source": "source",
    "listing_name": "listing_name",
    "earnings": "earnings",
    "booked_on": "booked_on",
    "adults": "adults",
    "children": "children",
    "infants": "infants",
}
STAY_NAMES = tuple(STAY_FIELDS)
STORED_FIELDS = ("deleted_at", "property_id", *STAY_FIELDS.values())
