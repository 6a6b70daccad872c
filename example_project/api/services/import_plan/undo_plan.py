"""Works out what undoing an import would do, and what it has to leave."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from api.models import BookingImportLog
from api.names import name_field
from django_modernize.audit.tracking import find_tracked
from django_modernize.audit.values import decode_changes, find_field
from django_modernize.stamps.fields import find_stamps

from .footprint import Footprint, LaterChange, cut, read_changed, read_created, read_later

__all__ = ["KeptRow", "RestoredRow", "UndoPlan", "work_out_undo"]

ORDER: Final = ("task", "booking", "propertyalias", "property")
"""What goes first, so that nothing is taken away from under something else."""

ROWS_PER_FETCH: Final = 500
PAIRS_PER_FETCH: Final = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptRow:
    """A row, or a field, that stays as people have changed it."""

    model: type[Model]
    """The row's model."""
    key: int
    """The row's primary key."""
    title: str
    """What the row calls itself."""
    reason: str
    """Why it stays, as a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoredRow:
    """A row whose fields get back their values from before the import."""

    model: type[Model]
    """The row's model."""
    key: int
    """The row's primary key."""
    title: str
    """What the row calls itself."""
    fields: Sequence[str]
    """What people call the fields."""
    values: Mapping[str, Any]
    """What each field gets, by the name of its attribute."""


@dataclass(kw_only=True, slots=True)
class UndoPlan:
    """What undoing an import would do."""

    log: BookingImportLog
    """The import."""
    removed: dict[type[Model], set[int]] = field(default_factory=lambda: defaultdict(set))
    """The primary keys of the rows that the import made and that are deleted."""
    restored: list[RestoredRow] = field(default_factory=list)
    """The rows that are put back."""
    kept: list[KeptRow] = field(default_factory=list)
    """What is left, and why."""

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many rows of each kind would be deleted."""
        return [
            (str(names.verbose_name if len(rows) == 1 else names.verbose_name_plural), len(rows))
            for names, rows in ((model._meta, rows) for model, rows in self.removed.items())
            if rows
        ]


def work_out_undo(log: BookingImportLog) -> UndoPlan:
    """Return what undoing an import would do now.

    Args:
        log: An import that was not undone.

    Costs some thirty queries, and as many for each further 5,000 rows; what is held of a row that
    goes is its key.
    """
    plan = UndoPlan(log=log)
    created = read_created(log.request_id)
    for model in sorted(created, key=_rank):
        _plan_removals(plan, model, created[model])
    changed: dict[type[Model], list[Footprint]] = defaultdict(list)
    for one in read_changed(log.request_id, created):
        changed[one.model].append(one)
    for model, footprints in changed.items():
        _plan_restores(plan, model, footprints)
    return plan


def _rank(model: type[Model]) -> int:
    name = str(model._meta.model_name)
    return ORDER.index(name) if name in ORDER else -1


def _plan_removals(plan: UndoPlan, model: type[Model], keys: set[int]) -> None:
    later = read_later(model, keys, plan.log.request_id)
    for part in cut(sorted(keys - set(later))):
        living = model._default_manager.filter(pk__in=part)
        plan.removed[model].update(living.order_by().values_list("pk", flat=True))
    for row in _list_rows(model, later):
        plan.kept.append(_keep(row, _say_who(later[row.pk], model)))
    held = dict(_list_held(model, plan))
    plan.removed[model] -= set(held)
    for row in _list_rows(model, held):
        reason = _("%s that the import did not make belong to it.") % held[row.pk]
        plan.kept.append(_keep(row, reason))


def _list_held(model: type[Model], plan: UndoPlan) -> Iterator[tuple[int, str]]:
    """Yield the rows on which people hung something that stays, each with what that is."""
    for relation in model._meta.related_objects:
        related = relation.related_model
        if not isinstance(relation.field, ForeignKey) or find_tracked(related) is None:
            continue
        name = relation.field.attname
        going = plan.removed.get(related, set())
        for part in cut(sorted(plan.removed[model])):
            living = related._default_manager.filter(**{f"{name}__in": part}).order_by()
            for key, owner in living.values_list("pk", name).iterator(chunk_size=PAIRS_PER_FETCH):
                if key not in going:
                    yield owner, str(related._meta.verbose_name_plural)


def _plan_restores(plan: UndoPlan, model: type[Model], footprints: Iterable[Footprint]) -> None:
    stamps = {stamp.name for stamp in find_stamps(model)}
    by_key = {one.key: one for one in footprints}
    for row in _list_rows(model, by_key):
        footprint = by_key[row.pk]
        values: dict[str, Any] = {}
        back: list[str] = []
        left: list[str] = []
        for name, (old, new) in decode_changes(model._meta.label_lower, footprint.changes).items():
            found = find_field(model._meta.label_lower, name)
            if found is None or name in stamps or getattr(found, "generated", False):
                continue
            current = found.get_prep_value(getattr(row, found.attname))
            if current == found.get_prep_value(old):
                continue
            if current == found.get_prep_value(new):
                values[found.attname] = old
                back.append(str(found.verbose_name))
            else:
                left.append(str(found.verbose_name))
        if values:
            plan.restored.append(
                RestoredRow(model=model, key=row.pk, title=str(row), fields=back, values=values)
            )
        if left:
            reason = _("Changed since: %s.") % ", ".join(left)
            plan.kept.append(_keep(row, reason))


def _list_rows(model: type[Model], keys: Iterable[int]) -> Iterator[Model]:
    """Yield the live rows with some keys; what is deleted by now needs no undoing."""
    # What a row calls itself may name what it belongs to.
    owners = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model._meta.app_label == "api"
    ]
    for part in cut(sorted(keys)):
        rows = model._default_manager.filter(pk__in=part).order_by("pk")
        related = rows.select_related(*owners) if owners else rows
        yield from related.iterator(chunk_size=ROWS_PER_FETCH)


def _keep(row: Model, reason: str) -> KeptRow:
    return KeptRow(model=type(row), key=row.pk, title=str(row), reason=reason)


def _say_who(later: list[LaterChange], model: type[Model]) -> str:
    stamps = {stamp.name for stamp in find_stamps(model)}
    names = ", ".join(sorted({one.actor for one in later if one.actor})) or _("somebody")
    fields = sorted(
        {name_field(model, name) for one in later for name in one.fields if name not in stamps}
    )
    return ngettext(
        "Changed since by %(names)s: %(fields)s.",
        "Changed %(count)d times since by %(names)s: %(fields)s.",
        len(later),
    ) % {"count": len(later), "names": names, "fields": ", ".join(fields)}
