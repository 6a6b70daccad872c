"""Describe events with readable field names, choices, dates and names of related objects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from ...conf import get_settings
from ...context import ChangeSource
from ..changes import ERASED
from ..keys import render_key
from ..masking import is_masked_value
from ..models import AuditAction, AuditEvent
from ..tracking import of_model
from ..values import decode_changes, find_field

__all__ = ["ChangeLine", "EventDescription", "describe_events", "list_sources"]

Names = Mapping[tuple[type[Model], str], str]
"""Maps a model and a key to the name of the object."""

LONGEST_BINARY = 20

OTHER_PROGRAM: Final = "database"
"""The source of changes made by other programs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """The description of one field in an event."""

    field: str
    """The verbose name of the field."""

    old: str
    new: str
    """An empty string if there is no value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventDescription:
    """The description of an event."""

    event: AuditEvent
    lines: list[ChangeLine]

    @property
    def source(self) -> str:
        """The label of the change's source."""
        return str(list_sources().get(self.event.source, self.event.source))


def list_sources() -> dict[str, Any]:
    """Return all possible sources with their labels."""
    own = get_settings().sources
    return {**dict(ChangeSource.choices), **own, OTHER_PROGRAM: _("another program")}


def describe_events(
    events: Iterable[AuditEvent], using: str = DEFAULT_DB_ALIAS
) -> list[EventDescription]:
    """Return events in words: choices by their labels, keys by the names of their objects.

    An object that no longer exists has the name recorded with its deletion, or else its key.

    Args:
        events: The events, most often a page of them.
        using: The database they come from.

    Costs at most two queries for each model that the events' keys point to.
    """
    rows = [(event, decode_changes(event.object_type, event.changes)) for event in events]
    names = _find_names(rows, using)
    return [
        EventDescription(
            event=event,
            lines=[
                ChangeLine(
                    field=_name_field(field, name),
                    old=_put_in_words(field, old, names),
                    new=_put_in_words(field, new, names),
                )
                for name, (old, new) in changes.items()
                for field in [find_field(event.object_type, name)]
            ],
        )
        for event, changes in rows
    ]


def _find_names(
    rows: Iterable[tuple[AuditEvent, Mapping[str, tuple[Any, Any]]]], using: str
) -> Names:
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for event, changes in rows:
        for name, pair in changes.items():
            field = find_field(event.object_type, name)
            if field is not None and field.related_model:
                wanted[_related_model(field)].update(_list_keys(pair))
    names: dict[tuple[type[Model], str], str] = {}
    for model, keys in wanted.items():
        names |= _name_objects(model, keys, using)
    return names


def _related_model(field: Any) -> type[Model]:
    related: type[Model] = field.related_model
    return related._meta.concrete_model or related


def _list_keys(pair: Iterable[Any]) -> Iterable[Any]:
    for value in pair:
        if isinstance(value, list):
            yield from (key for key in value if not is_masked_value(key))
        elif value is not None and value != ERASED and not is_masked_value(value):
            yield value


def _name_objects(
    model: type[Model], keys: set[Any], using: str
) -> dict[tuple[type[Model], str], str]:
    found = model._base_manager.using(using).filter(pk__in=_understood(model, keys))
    names = {(model, render_key(row.pk)): str(row) for row in found}
    missing = {render_key(key) for key in keys} - {key for _model, key in names}
    return {**_name_deleted(model, missing, using), **names}


def _understood(model: type[Model], keys: set[Any]) -> list[Any]:
    """Return the keys that are valid for the model's current primary key."""
    understood = []
    for key in keys:
        with suppress(ValidationError, ValueError, TypeError):
            understood.append(model._meta.pk.to_python(key))
    return understood


def _name_deleted(
    model: type[Model], keys: set[str], using: str
) -> dict[tuple[type[Model], str], str]:
    if not keys:
        return {}
    deletions = AuditEvent._base_manager.using(using).filter(
        of_model(model), object_id__in=keys, action=AuditAction.DELETE
    )
    names = {}
    for event in deletions.order_by("id"):
        values = {name: old for name, (old, _new) in event.decode_changes().items()}
        known = [field for field in model._meta.concrete_fields if field.name in values]
        row = model.from_db(
            using, [field.attname for field in known], [values[field.name] for field in known]
        )
        names[(model, event.object_id)] = str(row)
    return names


def _name_field(field: "Field[Any, Any] | None", name: str) -> str:
    return name.replace("_", " ") if field is None else str(field.verbose_name)


def _put_in_words(field: "Field[Any, Any] | None", value: Any, names: Names) -> str:
    if value is None:
        return ""
    if field is not None and field.related_model and value != ERASED:
        keys = value if isinstance(value, list) else [value]
        model = _related_model(field)
        return ", ".join(names.get((model, render_key(key)), str(key)) for key in keys)
    if field is not None and field.choices:
        value = dict(field.flatchoices).get(value, value)
    return _put_value_in_words(value)


def _put_value_in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return str(localize(timezone.localtime(value) if timezone.is_aware(value) else value))
    if isinstance(value, date | time):
        return str(localize(value))
    if isinstance(value, bytes):
        shown = value[:LONGEST_BINARY].hex(" ")
        return f"{shown}{' …' if len(value) > LONGEST_BINARY else ''}"
    return str(value)
