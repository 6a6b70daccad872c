"""Revert events, unless later changes depend on them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from ...context import change_context, get_context
from ...exceptions import ModernizeError
from ...stamps.fields import find_stamps
from ..changes import ERASED, UNREADABLE
from ..masking import is_masked_value
from ..models import LINK_ACTIONS, AuditAction, AuditEvent
from ..tracking import find_tracked
from ..values import find_field, find_model

__all__ = ["RevertConflict", "RevertPlan", "RevertStep", "revert"]


class RevertConflict(ModernizeError, ValidationError):
    """Events cannot be undone: something has changed since, or the old value is unknown.

    Args:
        conflicts: A sentence for each reason, complete.
    """

    def __init__(self, conflicts: list[str]) -> None:
        self.conflicts = conflicts
        super().__init__(conflicts, code="revert_conflict")


@dataclass(kw_only=True, slots=True)
class RevertStep:
    """The step that undoes one event."""

    event: AuditEvent
    verb: str
    """``change``, ``insert``, ``delete``, ``link`` or ``unlink``."""

    values: dict[str, Any] = field(default_factory=dict)
    """Maps each field name to its restored value."""


@dataclass(kw_only=True, slots=True)
class RevertPlan:
    """The steps of a revert, in order, and its conflicts."""

    steps: list[RevertStep] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


OPPOSITES = {
    AuditAction.CREATE: "delete",
    AuditAction.DELETE: "insert",
    AuditAction.UPDATE: "change",
    AuditAction.SOFT_DELETE: "change",
    AuditAction.RESTORE: "change",
    AuditAction.M2M_ADD: "unlink",
    AuditAction.M2M_REMOVE: "link",
}


def revert(
    event: AuditEvent | None = None,
    *,
    transaction_id: int | None = None,
    preview: bool = False,
    force: bool = False,
    using: str | None = None,
) -> RevertPlan:
    """Undo one event, or all events of a transaction, the newest first.

    All or nothing is undone. The revert is recorded like any other change, with a reason that says
    what it reverts. Stamps are not restored: they tell when and by whom it was reverted.

    Args:
        event: What to undo.
        transaction_id: Undo everything done in one transaction, instead of an event.
        preview: Return the plan without carrying it out.
        force: Overwrite what was changed since.
        using: The database; by default that of the event.

    Returns:
        What was done, or would be.

    Raises:
        RevertConflict: A value was changed since, was masked or erased, or a constraint is in the
            way. Nothing was changed.

    Costs two queries for each event.
    """
    using = using or (event._state.db if isinstance(event, AuditEvent) else None)
    using = using or DEFAULT_DB_ALIAS
    events = _choose_events(event, transaction_id, using)
    reason = get_context().reason or _say_what_is_reverted(event, transaction_id)
    with change_context(reason=reason), transaction.atomic(using=using):
        plan = _undo_events(events, force=force, using=using)
        if preview:
            transaction.set_rollback(True, using=using)
        elif plan.conflicts:
            raise RevertConflict(plan.conflicts)
    return plan


def _choose_events(
    event: AuditEvent | None, transaction_id: int | None, using: str
) -> list[AuditEvent]:
    if (event is None) == (transaction_id is None):
        raise TypeError("revert() needs either an event or a transaction_id.")
    if isinstance(event, AuditEvent):
        return [event]
    if event is not None:
        raise TypeError(
            f"revert() needs an AuditEvent, not {event!r}: take one from history() or "
            "AuditEvent.objects.get(pk=...)."
        )
    found = AuditEvent.objects.using(using).filter(transaction_id=transaction_id)
    return list(found.order_by("-id"))


def _say_what_is_reverted(event: AuditEvent | None, transaction_id: int | None) -> str:
    if event is not None:
        return f"reverts event {event.pk}"
    return f"reverts transaction {transaction_id}"


def _undo_events(events: Iterable[AuditEvent], *, force: bool, using: str) -> RevertPlan:
    """Undo events one after the other, checking each against the state left by those before.

    The caller rolls this back for a preview or if there are conflicts.
    """
    plan = RevertPlan()
    for event in events:
        model = find_model(event.object_type)
        if model is None or event.action not in OPPOSITES:
            what = f"{event.get_action_display()} {event.object_type}"
            said = {"number": event.pk, "what": what}
            plan.conflicts.append(_("Event %(number)s (%(what)s) cannot be undone.") % said)
            continue
        step = RevertStep(event=event, verb=OPPOSITES[AuditAction(event.action)])
        try:
            with transaction.atomic(using=using):
                plan.conflicts += _take_step(step, model, force=force, using=using)
        except (IntegrityError, ValidationError, ModernizeError) as error:
            plan.conflicts.append(_describe_failure(event, error))
        plan.steps.append(step)
    return plan


def _describe_failure(event: AuditEvent, error: Exception) -> str:
    said = {"number": event.pk, "error": error}
    return _("Event %(number)s cannot be undone: %(error)s") % said


def _take_step(step: RevertStep, model: type[Model], *, force: bool, using: str) -> list[str]:
    event = step.event
    unknown = _list_unknown(event)
    if unknown:
        said = {"number": event.pk, "names": ", ".join(unknown)}
        return [
            _("Event %(number)s: %(names)s was masked, erased or edited, so nobody knows it.")
            % said
        ]
    if step.verb == "insert":
        return _insert_row(step, model, using)
    row = model._base_manager.using(using).filter(pk=_read_key(model, event)).first()
    if row is None:
        return [_("%(object)s is not there any more.") % {"object": _name_object(event)}]
    if step.verb in ("link", "unlink"):
        return _change_links(step, row)
    conflicts = [] if force else list(_list_later_changes(event, row))
    if not conflicts:
        _write_row(step, row)
    return conflicts


def _list_unknown(event: AuditEvent) -> list[str]:
    """Return the fields whose old values the trail does not contain."""
    if UNREADABLE in event.changes:
        return [UNREADABLE]
    if event.action == AuditAction.CREATE:
        return []
    if event.action in LINK_ACTIONS:
        lists = {name: old or new for name, (old, new) in event.changes.items()}
        return [name for name, keys in lists.items() if any(map(_is_hidden, keys))]
    return [name for name, (old, _new) in event.changes.items() if _is_hidden(old)]


def _is_hidden(value: Any) -> bool:
    return value == ERASED or is_masked_value(value)


def _read_key(model: type[Model], event: AuditEvent) -> Any:
    fields = model._meta.pk_fields
    if len(fields) == 1:
        return fields[0].to_python(event.object_id)
    parts = json.loads(event.object_id)
    return tuple(one.to_python(part) for one, part in zip(fields, parts, strict=True))


def _list_later_changes(event: AuditEvent, row: Model) -> Iterator[str]:
    """Yield a message for each value that changed after the event."""
    stamps = {stamp.name for stamp in find_stamps(type(row))}
    tracked = find_tracked(type(row))
    masked = {} if tracked is None else tracked.mask
    for name, (_old, new) in event.decode_changes().items():
        found = find_field(event.object_type, name)
        if found is None or name in stamps or is_masked_value(new):
            continue
        current = getattr(row, found.attname)
        if found.get_prep_value(current) != found.get_prep_value(new):
            # An event older than the mask shows its own value, but the current one stays hidden.
            yield _describe_later_change(event, name, new, current, is_masked=name in masked)


def _describe_later_change(
    event: AuditEvent, name: str, left: Any, current: Any, *, is_masked: bool
) -> str:
    said = {"object": _name_object(event), "field": name, "left": repr(left), "now": repr(current)}
    if is_masked:
        return _("%(object)s: %(field)s is not %(left)s any more.") % said
    return _("%(object)s: %(field)s is not %(left)s any more, but %(now)s.") % said


def _name_object(event: AuditEvent) -> str:
    return f"{event.object_type} {event.object_id}"


def _write_row(step: RevertStep, row: Model) -> None:
    if step.verb == "delete":
        row.delete()
        return
    stamps = {stamp.name for stamp in find_stamps(type(row))}
    for name, (old, _new) in step.event.decode_changes().items():
        found = find_field(step.event.object_type, name)
        if found is not None and name not in stamps and not getattr(found, "generated", False):
            setattr(row, found.attname, old)
            step.values[name] = old
    if step.values:
        row.save_base(update_fields=frozenset(step.values), using=row._state.db)


def _insert_row(step: RevertStep, model: type[Model], using: str) -> list[str]:
    row = model()
    for name, (old, _new) in step.event.decode_changes().items():
        found = find_field(step.event.object_type, name)
        if found is not None and not getattr(found, "generated", False):
            setattr(row, found.attname, old)
            step.values[name] = old
    # Save raw, so that stamps and parent rows of multi-table inheritance remain unchanged.
    row.save_base(raw=True, force_insert=True, using=using)
    return []


def _change_links(step: RevertStep, row: Model) -> list[str]:
    for name, (old, new) in step.event.changes.items():
        manager = getattr(row, name)
        step.values[name] = old or new
        if step.verb == "link":
            manager.add(*old)
        else:
            manager.remove(*new)
    return []
