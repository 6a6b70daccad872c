"""Decides what happens to each row. Pure: it reads the indexes and writes nothing.

The rules, in this order: a row that cannot be read or has no house is refused. A row whose booking
is known, by code or else by house, guest and dates, leaves it unchanged where it says the same;
where only the status of a platform's booking differs, that is updated; any other difference is
for a person. A new row is in conflict where it overlaps an active stay, else it is created.
An empty cell says nothing: it never differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_noop as _

from api.models.booking import BookingStatus
from api.models.import_differences import quote_value
from api.models.import_plan import RowAction
from api.models.import_reasons import Saying
from api.models.imports import RowOutcome

from .choices import RowChoice, amend_stay, settle_amendment
from .columns import Column
from .decision import Decision
from .differences import find_changes, find_match_kind, make_stay
from .houses import House, HouseIndex, UnknownHouse
from .match_rating import find_encoding_changes, rate_match
from .report import Problem
from .rows import BookingRow, RefusedRow, place_problem
from .stays import Stay, StayIndex
from .words import PLATFORMS, match_status, name_key

__all__ = ["plan_import"]

LEAVING: Final = frozenset({RowAction.SKIP, RowAction.KEEP_OURS})
"""What people may decide that writes nothing."""


def plan_import(
    rows: Iterable[BookingRow | RefusedRow],
    *,
    houses: HouseIndex,
    stays: StayIndex,
    columns: Mapping[str, Column],
    choices: Mapping[int, RowChoice] | None = None,
) -> list[Decision]:
    """Return a decision for each row, in the order of the file.

    Rows about known bookings are decided first, so that a cancellation makes room for a new
    booking wherever the two stand in the file.

    Args:
        rows: The rows, typed.
        houses: What labels mean; new houses are added to it where it may create them.
        stays: What is booked; what the rows change or make is added to it.
        columns: Where the fields stand in the file, for the messages.
        choices: What people decided, by the number of the row.
    """
    planner = _Planner(houses=houses, stays=stays, columns=columns, choices=choices or {})
    known, fresh = planner.sort_rows(rows)
    decisions = [*planner.settled, *map(planner.decide_row, known), *map(planner.decide_row, fresh)]
    return sorted(decisions, key=lambda decision: decision.row.number)


@dataclass(kw_only=True, slots=True)
class _Planner:
    houses: HouseIndex
    stays: StayIndex
    columns: Mapping[str, Column]
    choices: Mapping[int, RowChoice]
    settled: list[Decision] = field(default_factory=list)

    def sort_rows(
        self, rows: Iterable[BookingRow | RefusedRow]
    ) -> tuple[list[tuple[BookingRow, House]], list[tuple[BookingRow, House]]]:
        """Settle what is refused; part the others into known and new ones."""
        known: list[tuple[BookingRow, House]] = []
        fresh: list[tuple[BookingRow, House]] = []
        for row in rows:
            if isinstance(row, RefusedRow):
                self.settled.append(
                    Decision(row=row, outcome=RowOutcome.REFUSED, problems=row.problems)
                )
                continue
            try:
                house = self.houses.find_house(row.property_label)
            except UnknownHouse as error:
                problem = self._place("property_label", error.code, error.saying)
                self.settled.append(
                    Decision(row=row, outcome=RowOutcome.REFUSED, problems=[problem])
                )
                continue
            (known if self.stays.find_match(row, house) else fresh).append((row, house))
        return known, fresh

    def decide_row(self, pair: tuple[BookingRow, House]) -> Decision:
        """Decide about one readable row."""
        row, house = pair
        stay = self.stays.find_match(row, house)
        choice = self.choices.get(row.number)
        if choice is not None and choice.action in LEAVING:
            return self._leave(row, house, stay)
        if choice is not None:
            return self._decide_chosen(row, house, stay, choice)
        return (
            self._decide_new(row, house) if stay is None else self._decide_known(row, house, stay)
        )

    def _leave(self, row: BookingRow, house: House, stay: Stay | None) -> Decision:
        """Say what a person has decided to leave: it makes, changes and hinders nothing."""
        if stay is None:
            fresh = make_stay(row, house)
            stay = self.stays.find_overlap(house, fresh.check_in, fresh.check_out)
        if stay is None:
            return Decision(row=row, outcome=RowOutcome.SKIPPED, house=house, notes=row.notes)
        return self._conflict(row, house, stay, ()).leave()

    def _decide_chosen(
        self, row: BookingRow, house: House, stay: Stay | None, choice: RowChoice
    ) -> Decision:
        """Do what a person decided, as far as no other stay is in the way."""
        target = choice.target or house
        if stay is None and choice.action == RowAction.TAKE_FILE:
            # The stay that is in the way may be the same one on other days.
            fresh = make_stay(row, house)
            stay = self.stays.find_overlap(house, fresh.check_in, fresh.check_out)
        if choice.action == RowAction.CREATE or stay is None:
            if stay is not None and row.code and stay.house is target and stay.code == row.code:
                saying = Saying(
                    _("the code %(code)s is taken by %(title)s"),
                    {
                        "code": row.code,
                        "title": stay.title,
                    },
                )
                return self._conflict(row, target, stay, [self._place("code", "known", saying)])
            return self._decide_new(row, target)
        changes = {**find_encoding_changes(row, stay), **find_changes(row, stay)}
        taken = {name: changes[name] for name in choice.fields or changes if name in changes}
        moves = choice.action == RowAction.MOVE and target is not stay.house
        if not taken and not moves:
            return self._decide_known(row, house, stay)
        return self._amend(row, stay, taken, target if moves else None)

    def _amend(
        self,
        row: BookingRow,
        stay: Stay,
        taken: Mapping[str, tuple[str, str]],
        target: House | None,
    ) -> Decision:
        match, sureness = find_match_kind(row, stay), rate_match(row, stay)
        values = settle_amendment(row, stay, taken, house=target)
        house = target or stay.house
        is_active = values.get("status", stay.status) != BookingStatus.CANCELLED
        if problem := self._find_obstacle(row, stay, values, house, is_active=is_active):
            return self._conflict(row, house, stay, [problem], taken)
        if target:
            taken = {**taken, "property": (stay.house.name, target.name)}
        if stay.is_active:
            self.stays.vacate_house(stay)
        amend_stay(stay, values, house)
        stay.row_number = row.number
        if is_active:
            self.stays.occupy_house(stay)
        return Decision(
            row=row,
            outcome=RowOutcome.UPDATED,
            house=house,
            stay=stay,
            notes=row.notes,
            changes=taken,
            match=match,
            sureness=sureness,
            amendment=values,
        )

    def _find_obstacle(
        self,
        row: BookingRow,
        stay: Stay,
        values: Mapping[str, Any],
        house: House,
        *,
        is_active: bool,
    ) -> Problem | None:
        """Return why a stay cannot take these values, ``None`` if it can."""
        check_in = values.get("check_in", stay.check_in)
        check_out = values.get("check_out", stay.check_out)
        if check_in >= check_out:
            saying = Saying(_("it would end too early"))
            return self._place("end_date", "check_out_before_check_in", saying)
        overlap = is_active and self.stays.find_overlap(house, check_in, check_out, without=stay)
        return self._overlap_problem(row, overlap) if overlap else None

    def _decide_new(self, row: BookingRow, house: House) -> Decision:
        stay = make_stay(row, house)
        overlap = stay.is_active and self.stays.find_overlap(house, stay.check_in, stay.check_out)
        if overlap:
            return self._conflict(row, house, overlap, [self._overlap_problem(row, overlap)])
        self.stays.add_stay(stay)
        notes = list(row.notes)
        if row.code in self.stays.deleted_codes:
            notes.append(Saying(_("A deleted booking has the same code.")))
        return Decision(row=row, outcome=RowOutcome.CREATED, house=house, stay=stay, notes=notes)

    def _decide_known(self, row: BookingRow, house: House, stay: Stay) -> Decision:
        changes = find_changes(row, stay)
        if not changes and stay.house is house:
            notes = _repeat_notes(row, stay)
            stay.row_number = stay.row_number or row.number
            return self._known(row, house, stay, RowOutcome.UNCHANGED, notes, {})
        problems = self._find_objections(row, house, stay, changes)
        if problems:
            return self._conflict(row, house, stay, problems, changes)
        self._change_status(row, stay)
        return self._known(row, house, stay, RowOutcome.UPDATED, row.notes, changes)

    def _known(
        self,
        row: BookingRow,
        house: House,
        stay: Stay,
        outcome: RowOutcome,
        notes: Sequence[Saying],
        changes: Mapping[str, tuple[str, str]],
    ) -> Decision:
        return Decision(
            row=row,
            outcome=outcome,
            house=house,
            stay=stay,
            notes=notes,
            changes=changes,
            match=find_match_kind(row, stay),
            sureness=100 if outcome == RowOutcome.UNCHANGED else rate_match(row, stay),
            encoding_changes=find_encoding_changes(row, stay),
        )

    def _find_objections(
        self, row: BookingRow, house: House, stay: Stay, changes: Mapping[str, tuple[str, str]]
    ) -> list[Problem]:
        """Return why the differences are for a person; nothing where the status may be updated."""
        if stay.house is not house:
            saying = Saying(
                _("the code %(code)s is known for “%(house)s” as %(title)s"),
                {
                    "code": row.code,
                    "house": stay.house.name,
                    "title": stay.title,
                },
            )
            return [self._place("property_label", "other_property", saying)]
        if stay.row_number is not None and stay.row_number != row.number:
            saying = Saying(
                _("row %(number)d of this file speaks of the same booking differently"),
                {"number": stay.row_number},
            )
            return [self._place("code" if row.code else "guest_name", "repeated", saying)]
        if set(changes) == {"status"}:
            return self._find_status_objections(row, house, stay)
        return [
            self._place(name, "differs", _explain_difference(stay, name, old, new))
            for name, (old, new) in changes.items()
        ]

    def _find_status_objections(self, row: BookingRow, house: House, stay: Stay) -> list[Problem]:
        if row.source not in PLATFORMS:
            old, new = stay.status_text or stay.status, row.status_text
            difference = _explain_difference(stay, "status", old, new)
            saying = Saying(
                _("%(difference)s, and no platform vouches"), {"difference": difference}
            )
            return [self._place("status", "differs", saying)]
        if stay.status_text and match_status(stay.status_text) != stay.status:
            saying = Saying(
                _("the status of %(title)s was changed by hand to “%(status)s”"),
                {
                    "title": stay.title,
                    "status": quote_value("status", stay.status),
                },
            )
            return [self._place("status", "changed_by_hand", saying)]
        if stay.is_active or row.status == BookingStatus.CANCELLED:
            return []
        overlap = self.stays.find_overlap(house, stay.check_in, stay.check_out, without=stay)
        return [self._overlap_problem(row, overlap)] if overlap else []

    def _change_status(self, row: BookingRow, stay: Stay) -> None:
        was_active = stay.is_active
        stay.status, stay.status_text = row.status, row.status_text
        stay.row_number = row.number
        if was_active and not stay.is_active:
            self.stays.vacate_house(stay)
        elif stay.is_active and not was_active:
            self.stays.occupy_house(stay)

    def _conflict(
        self,
        row: BookingRow,
        house: House,
        stay: Stay,
        problems: Sequence[Problem],
        changes: Mapping[str, tuple[str, str]] | None = None,
    ) -> Decision:
        return Decision(
            row=row,
            outcome=RowOutcome.CONFLICT,
            house=house,
            stay=stay,
            problems=problems,
            notes=row.notes,
            changes=find_changes(row, stay) if changes is None else changes,
            match=find_match_kind(row, stay),
            sureness=rate_match(row, stay),
            encoding_changes=find_encoding_changes(row, stay),
        )

    def _overlap_problem(self, row: BookingRow, stay: Stay) -> Problem:
        text = _("the stay from %(start)s to %(end)s overlaps %(title)s")
        if name_key(row.guest_name) == name_key(stay.guest_name):
            text = _(
                "the stay from %(start)s to %(end)s overlaps %(title)s, which may be the same"
                " booking"
            )
        days = {"start": row.start_date, "end": row.end_date}
        return self._place("start_date", "overlap", Saying(text, {**days, "title": stay.title}))

    def _place(self, field_name: str, code: str, saying: Saying) -> Problem:
        return place_problem(self.columns, field_name, code, saying)


def _repeat_notes(row: BookingRow, stay: Stay) -> list[Saying]:
    if stay.row_number is None or stay.row_number == row.number:
        return list(row.notes)
    return [*row.notes, Saying(_("It repeats row %(number)d."), {"number": stay.row_number})]


def _explain_difference(stay: Stay, name: str, old: str, new: str) -> Saying:
    return Saying(
        _("the file says “%(new)s”, %(title)s says “%(old)s”"),
        {
            "new": quote_value(name, new),
            "title": stay.title,
            "old": quote_value(name, old),
        },
    )
