"""The statements of a restore, compiled on first use."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast

from .conflicts import BlockingParents
from .deletion_plans import count_each
from .graph import find_family
from .journal import find_replaced, is_journal_installed
from .registry import keep_per_registry
from .relations import find_owner, find_relatives, is_stored_in
from .rows import taken_rows
from .statements import Slot, Statement, compile_select, compile_update, join_statements

__all__ = ["UNMARKED", "RestorePlan", "Survey", "find_restore_plan", "list_family"]

UNMARKED: Final[dict[str, Any]] = {
    "deleted_at": None,
    "deleted_by": None,
    "deletion_reason": "",
    "deletion_id": None,
}
"""The marks of a live row."""

OWN_DELETION: Final = -1
REPLACED_KEY: Final = -2


@keep_per_registry
def find_restore_plan(owner: type[Model], using: str) -> "RestorePlan":
    """Return the plan to restore a deletion that hid rows of a model."""
    return RestorePlan(list_family({owner}, using), using, 1)


def list_family(models: Iterable[type[Model]], using: str) -> tuple[type[Model], ...]:
    """Return the models of which a deletion may have hidden rows if it hid rows of these."""
    members = {member for model in models for member in find_family(find_owner(model))}
    return tuple(
        sorted(
            (member for member in members if is_stored_in(using, member)),
            key=lambda member: member._meta.label,
        )
    )


@dataclass(kw_only=True, slots=True)
class Survey:
    """What the deletions hid."""

    deletion_id: UUID | None = None
    """The deletion of the requested row."""

    members: list[type[Model]] = field(default_factory=list)
    """The models with rows hidden by the deletions."""

    replaced: list[tuple[str, str]] = field(default_factory=list)
    """The model and field name of each key that they replaced."""


class RestorePlan:
    """The models of which deletions may have hidden rows, and the statements for each.

    Args:
        family: The models.
        using: The alias of the database.
        count: The number of deletions.
    """

    def __init__(self, family: tuple[type[Model], ...], using: str, count: int) -> None:
        self.family = family
        self.using = using
        marker = family[0]._meta.get_field("deletion_id")
        self.slots = [Slot(f"deletion_{number}", marker) for number in range(count)]
        self.models = {member: MemberPlan(member, self) for member in family}
        self._blocking: dict[tuple[type[Model], ...], BlockingParents] = {}
        self._row_surveys: dict[type[Model], Statement] = {}

    def fill_slots(self, ids: Iterable[UUID | None]) -> dict[str, UUID | None]:
        """Return the values for the slots of the plan's statements."""
        return {slot.name: one for slot, one in zip(self.slots, ids, strict=True)}

    def survey(self, cursor: Any, values: Mapping[str, Any]) -> Survey:
        """Return what the deletions hid. Costs one query."""
        self._survey.run(cursor, values)
        return self._read_survey(cursor)

    def survey_row(self, cursor: Any, row: Any) -> Survey:
        """Return what was hidden in the same deletion as a row.

        Costs one query, or two if the instance was loaded before the deletion.
        """
        owner = find_owner(type(row))
        if owner not in self._row_surveys:
            self._row_surveys[owner] = self._compile_row_survey(owner)
        keys = {key.attname: getattr(row, key.attname) for key in owner._meta.pk_fields}
        self._row_surveys[owner].run(cursor, keys | self.fill_slots([row.deletion_id]))
        survey = self._read_survey(cursor)
        if survey.deletion_id in (None, row.deletion_id):
            return survey
        actual = self.survey(cursor, self.fill_slots([survey.deletion_id]))
        return replace(actual, deletion_id=survey.deletion_id)

    def find_blocking(self, members: Iterable[type[Model]]) -> BlockingParents:
        """Return the query for deleted parents of the rows of some of the models."""
        key = tuple(members)
        if key not in self._blocking:
            self._blocking[key] = BlockingParents(key, self.slots, self.using)
        return self._blocking[key]

    def _compile_row_survey(self, owner: type[Model]) -> Statement:
        keys = owner._meta.pk_fields
        row: QuerySet[Any] = QuerySet(owner, using=self.using).filter(
            **{key.attname: Slot(key.attname, key) for key in keys}, deletion_id__isnull=False
        )
        own = compile_select(row.values_list(Cast("deletion_id", TextField())))
        question = Statement(
            f"SELECT {OWN_DELETION}, own.*, '' FROM ({own.sql}) own",  # noqa: S608
            own.parameters,
        )
        return join_statements(" UNION ALL ", (question, self._survey))

    @cached_property
    def _survey(self) -> Statement:
        return join_statements(" UNION ALL ", self._list_questions())

    def _list_questions(self) -> Iterator[Statement]:
        for number, member in enumerate(self.family):
            rows: QuerySet[Any] = QuerySet(member, using=self.using)
            found = compile_select(rows.filter(deletion_id__in=self.slots).values("pk"))
            sql = f"SELECT {number}, '', '' WHERE EXISTS ({found.sql})"
            yield Statement(sql, found.parameters)
        if is_journal_installed():
            found = compile_select(find_replaced(self.slots, self.using))
            sql = f"SELECT {REPLACED_KEY}, replaced.* FROM ({found.sql}) replaced"  # noqa: S608
            yield Statement(sql, found.parameters)

    def _read_survey(self, cursor: Any) -> Survey:
        survey = Survey()
        for number, first, second in cursor.fetchall():
            if number == OWN_DELETION:
                survey.deletion_id = UUID(first)
            elif number == REPLACED_KEY:
                survey.replaced.append((first, second))
            else:
                survey.members.append(self.family[number])
        survey.members.sort(key=self.family.index)
        return survey


class MemberPlan:
    """A model of which a deletion may have hidden rows."""

    def __init__(self, member: type[Model], plan: RestorePlan) -> None:
        self.member = member
        self.plan = plan

    @cached_property
    def unmark(self) -> Statement:
        """The statement that removes the marks from the rows."""
        plan = self.plan
        rows: QuerySet[Any] = QuerySet(self.member, using=plan.using)
        return compile_update(rows.filter(deletion_id__in=plan.slots), **UNMARKED)

    @cached_property
    def relatives(self) -> tuple[type[Model], ...]:
        """The other models whose tables hold parts of the same rows, through inheritance."""
        return find_relatives(self.member)[1:]

    @cached_property
    def count_inherited(self) -> Statement:
        """The statement that counts the rows in each table of the relatives."""
        plan = self.plan
        return count_each(
            taken_rows(one, self.member, plan.slots, plan.using) for one in self.relatives
        )
