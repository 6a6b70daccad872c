"""Writes decisions in a number of statements that does not depend on how many there are.

One row that the database refuses after all, as when somebody books the same house meanwhile, is
found by halves in savepoints and reported; the others are written.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from api.models import Booking, BookingImportLog, Property
from api.models.booking import BookingStatus
from api.models.import_reasons import Saying
from api.models.imports import RowOutcome
from api.services.bulk_insert import insert_rows
from django_modernize.integrity import find_violated_constraint

from .amendments import amend_bookings
from .decision import Decision
from .houses import House
from .new_rows import BOOKING_FIELDS, booking_template, booking_values
from .report import Problem
from .rows import BookingRow
from .stays import Stay

__all__ = ["Applied", "HouseTaken", "apply_decisions"]

PartT = TypeVar("PartT")

logger = logging.getLogger(__name__)

VIOLATIONS: Final[Mapping[str, str]] = {
    "booking_no_overlap": _("the stay overlaps a booking that was saved meanwhile"),
    "booking_code_unique": _("a booking with this code was saved meanwhile"),
}
"""The constraints that another writer can make a row break, and what the report says then."""


class HouseTaken(Exception):
    """Somebody made a house of the same name meanwhile; reading it again will find it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What was written."""

    decisions: Sequence[Decision]
    """All decisions, as they turned out."""
    properties_created: Sequence[str]
    """The names of new houses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Creation:
    """A booking to be made, with all that it takes."""

    decision: Decision
    row: BookingRow
    house: House
    stay: Stay


def apply_decisions(decisions: Sequence[Decision], *, log: BookingImportLog) -> Applied:
    """Write what the decisions say; to be called inside a transaction.

    Args:
        decisions: What is to be done about each row.
        log: The import that the new bookings name.

    Raises:
        HouseTaken: A house to be made exists by now; the transaction is to be started anew.

    Costs one statement for the houses and the bookings each, one per status that bookings are
    updated to, and a few more for each row that the database refuses.
    """
    creations = list(_list_creations(decisions))
    writer = _Writer(log=log, house_keys=_create_houses(creations))
    turned_out = [
        *writer.update_statuses(decisions),
        *writer.amend([one for one in decisions if one.amendment]),
        *writer.create_bookings(creations),
    ]
    by_number = {decision.row.number: decision for decision in turned_out}
    return Applied(
        decisions=[by_number.get(one.row.number, one) for one in decisions],
        properties_created=[house.name for house in writer.house_keys if house.pk is None],
    )


def _list_creations(decisions: Iterable[Decision]) -> Iterable[_Creation]:
    for decision in decisions:
        row, house, stay = decision.row, decision.house, decision.stay
        if (
            decision.outcome == RowOutcome.CREATED
            and isinstance(row, BookingRow)
            and house
            and stay
        ):
            yield _Creation(decision=decision, row=row, house=house, stay=stay)


def _create_houses(creations: Iterable[_Creation]) -> dict[House, int]:
    """Make the houses that new bookings need; return every house's primary key."""
    needed = {creation.house: creation.house.pk for creation in creations}
    fresh = [house for house, key in needed.items() if key is None]
    try:
        made = Property.objects.bulk_create(Property(name=house.name) for house in fresh)
    except IntegrityError as error:
        raise HouseTaken from error
    keys = dict(zip(fresh, (one.pk for one in made), strict=True))
    return {house: keys[house] if key is None else key for house, key in needed.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Writer:
    """Writes parts of the decisions, each in a savepoint of its own."""

    log: BookingImportLog
    house_keys: Mapping[House, int]

    def update_statuses(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Update the bookings together that get the same status."""
        groups: dict[tuple[str, str], list[Decision]] = {}
        for decision in decisions:
            if decision.outcome == RowOutcome.UPDATED and decision.stay and not decision.amendment:
                key = (decision.stay.status, decision.stay.status_text)
                groups.setdefault(key, []).append(decision)
        # Cancellations first, since they make room for others.
        order = sorted(groups, key=lambda key: (key[0] != BookingStatus.CANCELLED, key))
        return [one for key in order for one in self._update_group(groups[key], *key)]

    def amend(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Write what people took over from the file."""
        if not decisions:
            return []
        try:
            amend_bookings(decisions, log=self.log)
        except (IntegrityError, DataError) as error:
            if len(decisions) == 1:
                return [_settle_refusal(decisions[0], error)]
            return _in_halves(decisions, self.amend)
        return list(decisions)

    def create_bookings(self, creations: Iterable[_Creation]) -> list[Decision]:
        """Make bookings."""
        # In one order, so that two imports never wait for each other in a circle.
        ordered = sorted(creations, key=lambda one: (self.house_keys[one.house], one.stay.check_in))
        return self._create_part(ordered) if ordered else []

    def _update_group(
        self, decisions: Sequence[Decision], status: str, text: str
    ) -> list[Decision]:
        keys = [one.stay.booking_id for one in decisions if one.stay and one.stay.booking_id]
        try:
            with transaction.atomic():
                Booking.objects.filter(pk__in=keys).update(
                    status=status, external_status=text, last_import_update=self.log.imported_at
                )
        except (IntegrityError, DataError) as error:
            if len(decisions) == 1:
                return [_settle_refusal(decisions[0], error)]
            return _in_halves(decisions, lambda part: self._update_group(part, status, text))
        return list(decisions)

    def _create_part(self, creations: Sequence[_Creation]) -> list[Decision]:
        try:
            with transaction.atomic():
                keys = self._insert_bookings(creations)
        except (IntegrityError, DataError) as error:
            if len(creations) == 1:
                return [_settle_refusal(creations[0].decision, error)]
            return _in_halves(creations, self._create_part)
        for key, creation in zip(keys, creations, strict=True):
            creation.stay.booking_id = key
        return [creation.decision for creation in creations]

    def _insert_bookings(self, creations: Sequence[_Creation]) -> list[int]:
        return insert_rows(
            booking_template(self.log, self.log.imported_at),
            BOOKING_FIELDS,
            [booking_values(one.row, one.stay, self.house_keys[one.house]) for one in creations],
        )


def _in_halves(
    parts: Sequence[PartT], write: Callable[[Sequence[PartT]], list[Decision]]
) -> list[Decision]:
    """Write what the database refused together in two halves."""
    middle = len(parts) // 2
    return [*write(parts[:middle]), *write(parts[middle:])]


def _settle_refusal(decision: Decision, error: DatabaseError) -> Decision:
    """Return the decision about a row that the database refused."""
    violated = (
        find_violated_constraint(Booking, error) if isinstance(error, IntegrityError) else None
    )
    name = "" if violated is None else violated.name
    logger.warning("The database refused row %s: %s", decision.row.number, error)
    saying = Saying(VIOLATIONS.get(name, _("the database does not accept the row")))
    return decision._replace(
        outcome=RowOutcome.CONFLICT if name in VIOLATIONS else RowOutcome.REFUSED,
        problems=[Problem(code=name or "database", column="", header="", saying=saying)],
        stay=decision.stay if decision.outcome == RowOutcome.UPDATED else None,
    )
