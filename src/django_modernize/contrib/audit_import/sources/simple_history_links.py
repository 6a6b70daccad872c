"""Read the many-to-many links that django-simple-history stores with each row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Field, Model

from django_modernize.audit.models import AuditAction

from .states import encode_known

__all__ = ["LinkTables", "read_links"]

LinkChange = tuple[str, dict[str, list[Any]]]
"""An action, and the changes of the event."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkTables:
    """What some historical rows were linked with."""

    keys: dict[str, dict[Any, list[Any]]]
    """Field name to the number of a historical row to the keys of its links, as JSON values."""

    def list_keys(self, record: Any) -> dict[str, list[Any]]:
        """Return all links of a row: field name to keys."""
        return {name: kept.get(record.pk, []) for name, kept in self.keys.items()}

    def compare(self, before: Any, record: Any) -> Iterator[LinkChange]:
        """Yield what was unlinked and linked between two rows, field by field.

        Args:
            before: ``None`` for a row that was created.
            record: The row after it.
        """
        new = self.list_keys(record)
        old = {} if before is None else self.list_keys(before)
        for name, keys in new.items():
            known = old.get(name, [])
            if gone := [key for key in known if key not in keys]:
                yield AuditAction.M2M_REMOVE, {name: [gone, None]}
            if come := [key for key in keys if key not in known]:
                yield AuditAction.M2M_ADD, {name: [None, come]}


def read_links(records: Sequence[Any], using: str) -> LinkTables:
    """Return the links of some historical rows of a table. Costs a query for each field."""
    numbers = {record.pk for record in records}
    # It keeps them in the order of a set, which changes from run to run.
    fields = sorted(getattr(type(records[0]), "_history_m2m_fields", ()), key=attrgetter("name"))
    tables = ((field, _find_table(type(records[0]), field)) for field in fields)
    return LinkTables(
        keys={
            field.name: _read_keys(table, field, numbers, using)
            for field, table in tables
            if table is not None
        }
    )


def _find_table(history: type[Model], field: "Field[Any, Any]") -> type[Model] | None:
    through = field.remote_field.through  # type: ignore[union-attr]
    return next(
        (
            relation.related_model
            for relation in history._meta.related_objects
            if relation.field.name == "history"
            and getattr(relation.related_model, "instance_type", None) is through
        ),
        None,
    )


def _read_keys(
    table: type[Model], field: Any, numbers: set[Any], using: str
) -> dict[Any, list[Any]]:
    target = field.remote_field.through._meta.get_field(field.m2m_reverse_field_name())
    rows = table._base_manager.using(using).filter(history__in=numbers).order_by("pk")
    found: dict[Any, list[Any]] = {}
    for number, key in rows.values_list("history_id", target.attname):
        found.setdefault(number, []).append(encode_known(target, key))
    return found
