"""What deletions changed on rows that stay, so that a restore can put it back."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.apps.registry import Apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, Field, Model, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from .relations import KeyRelation
from .rules import find_replacement, is_computed
from .statements import Slot, Statement, compile_select, compile_update

__all__ = [
    "DeletionJournal",
    "KeyReplacement",
    "find_replaced",
    "forget_lost_keys",
    "is_journal_installed",
    "put_back_keys",
]

COLUMNS: Final = ("deletion_id", "model", "field", "row_key", "old_key", "new_key")

KEY_SEPARATOR: Final = "\x1f"
"""Stands between the parts of a composite primary key."""

PUT_BACK: Final = (
    "UPDATE %(table)s SET %(column)s = %(old_key)s FROM %(journal)s j "
    "WHERE j.deletion_id IN (%(ids)s) AND j.model = %%s AND j.field = %%s AND %(same_row)s "
    "AND %(current)s %(is_same)s j.new_key "
    "AND EXISTS (SELECT 1 FROM %(parents)s p WHERE p.%(parent_key)s = %(old_key)s)"
)
"""A key that somebody set to something else meanwhile stays, as does one to a row that is gone."""


class DeletionJournal(models.Model):
    """One key that a deletion replaced, by ``SET_NULL``, ``SET_DEFAULT`` or ``SET()``."""

    id = models.BigAutoField(primary_key=True)
    deletion_id = models.UUIDField(db_index=True)
    model = models.CharField(max_length=201)
    """The label of the row's model, in lower case."""

    field = models.CharField(max_length=100)
    row_key = models.TextField()
    """The row's primary key as text."""

    old_key = models.TextField()
    # Empty text is a key too.
    new_key = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        app_label = "modernize_softdelete"
        db_table = "modernize_softdelete_journal"
        verbose_name = "replaced key"
        indexes = [
            models.Index(fields=["row_key", "model", "field"], name="modernize_journal_row"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.row_key} {self.field}: {self.old_key} → {self.new_key}"


def is_journal_installed() -> bool:
    """Return whether the project has the table."""
    return apps.is_installed("django_modernize.softdelete")


class KeyReplacement:
    """Sets the keys of some rows to what their relation asks for, and notes what they were.

    Args:
        relation: The relation that the keys belong to.
        children: The rows, of the model that has the key's column, with a slot for the deletion.
        deletion_id: The slot.
    """

    def __init__(self, relation: KeyRelation, children: "QuerySet[Any]", deletion_id: Slot) -> None:
        self.field = relation.field
        self.children = children
        self.deletion_id = deletion_id

    def run(self, cursor: Any, values: Mapping[str, Any]) -> None:
        """Replace the keys.

        Costs one INSERT, and one UPDATE where there are such rows; one query more where the new
        value is a project's to compute, which is done for no rows in vain.
        """
        if is_computed(self.field):
            self.search.run(cursor, values)
            if cursor.fetchone() is None:
                return
            note, write = self.compile()
        else:
            note, write = self.compiled
        if note.run(cursor, values):
            write.run(cursor, values)

    @cached_property
    def search(self) -> Statement:
        """Finds one of the rows."""
        return compile_select(self.children.values("pk")[:1])

    @cached_property
    def compiled(self) -> tuple[Statement, Statement]:
        """What :meth:`compile` returns, where that is always the same."""
        return self.compile()

    def compile(self) -> tuple[Statement, Statement]:
        """Return the INSERT that notes the keys, and the UPDATE that replaces them."""
        field = self.field
        replacement = find_replacement(field)
        value = getattr(replacement, field.target_field.attname, replacement)
        new_key = (
            value if hasattr(value, "resolve_expression") else Value(value, field.target_field)
        )
        noted = self.children.select_for_update(no_key=True).values_list(
            Cast(self.deletion_id, models.UUIDField()),
            Value(field.model._meta.label_lower),
            Value(field.name),
            _row_key(field.model),
            Cast(field.attname, TextField()),
            Cast(new_key, TextField()),
        )
        return _compile_insert(noted), compile_update(self.children, **{field.name: value})


def find_replaced(deletion_ids: Iterable[UUID | Slot], using: str) -> "QuerySet[Any]":
    """Return the labels of models, and the names of fields, whose keys deletions replaced."""
    entries: QuerySet[Any] = QuerySet(DeletionJournal, using=using)
    return entries.filter(deletion_id__in=deletion_ids).values_list("model", "field").distinct()


def put_back_keys(
    replaced: Iterable[tuple[str, str]],
    deletion_ids: Collection[UUID],
    *,
    using: str,
    registry: Apps,
) -> None:
    """Undo what deletions replaced, and forget it.

    Args:
        replaced: Labels of models and names of fields, as :func:`find_replaced` tells them.
        deletion_ids: The deletions.
        using: Alias of the database.
        registry: Where the models are found.

    Costs one statement for each field, and two more.
    """
    entries: QuerySet[Any] = QuerySet(DeletionJournal, using=using)
    entries = entries.filter(deletion_id__in=deletion_ids)
    _hand_on_superseded(entries)
    for label, name in replaced:
        with suppress(LookupError, FieldDoesNotExist):
            # Model or field went with a migration, and the key with them.
            _put_back(registry.get_model(label), name, list(deletion_ids), using)
    entries.delete()


def forget_lost_keys(*, using: str) -> None:
    """Forget the keys of rows that are gone for good. Costs two queries for each field."""
    if not is_journal_installed():
        return
    entries: QuerySet[Any] = QuerySet(DeletionJournal, using=using)
    for label, name in list(entries.values_list("model", "field").distinct()):
        of_field = entries.filter(model=label, field=name)
        with suppress(LookupError, FieldDoesNotExist):
            field: Any = apps.get_model(label)._meta.get_field(name)
            parents: QuerySet[Any] = QuerySet(field.related_model, using=using)
            keys = parents.values_list(Cast(field.target_field.attname, TextField()))
            of_field.exclude(old_key__in=keys).delete()


def _hand_on_superseded(entries: "QuerySet[Any]") -> None:
    """Take entries out whose key a later deletion replaced again; that one learns the old value.

    A key went A → B with the first deletion and B → C with the second: restoring the first alone
    leaves C, and the second has to put A back.
    """
    every: QuerySet[Any] = QuerySet(DeletionJournal, using=entries.db)
    same_key = every.filter(
        model=OuterRef("model"), field=OuterRef("field"), row_key=OuterRef("row_key")
    )
    later, earlier = same_key.filter(id__gt=OuterRef("id")), same_key.filter(id__lt=OuterRef("id"))
    within = earlier.filter(pk__in=entries.values("pk"))
    superseded = entries.filter(Exists(later)).exclude(Exists(within))
    while heads := list(superseded.order_by("id")):
        for head in heads:
            row = {"model": head.model, "field": head.field, "row_key": head.row_key}
            follower = every.filter(**row, id__gt=head.id).order_by("id").first()
            if follower is not None and follower.old_key == head.new_key:
                every.filter(pk=follower.pk).update(old_key=head.old_key)
        every.filter(pk__in=[head.pk for head in heads]).delete()


def _put_back(model: type[Model], name: str, deletion_ids: list[UUID], using: str) -> None:
    field: Any = model._meta.get_field(name)
    connection = connections[using]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    id_field = DeletionJournal._meta.get_field("deletion_id")
    ids = [id_field.get_db_prep_value(one, connection) for one in deletion_ids]
    same_row, row_params = _compare_keys(model, connection)
    parts_of_statement = {
        "table": table,
        "column": quote(field.column),
        "old_key": _cast_text("j.old_key", field.target_field, connection),
        "journal": quote(DeletionJournal._meta.db_table),
        "ids": ", ".join(["%s"] * len(ids)),
        "same_row": same_row,
        "current": f"CAST({table}.{quote(field.column)} AS text)",
        "is_same": "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS",
        "parents": quote(field.related_model._meta.db_table),
        "parent_key": quote(field.target_field.column),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            PUT_BACK % parts_of_statement, [*ids, model._meta.label_lower, name, *row_params]
        )


def _compare_keys(model: type[Model], connection: BaseDatabaseWrapper) -> tuple[str, list[str]]:
    """Return the SQL that compares a row's primary key with the journal's, and its parameters."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    keys: list[Any] = list(model._meta.pk_fields)
    if len(keys) == 1:
        row_key = _cast_text("j.row_key", keys[0], connection)
        return f"{table}.{quote(keys[0].column)} = {row_key}", []
    parts = (f"CAST({table}.{quote(key.column)} AS text)" for key in keys)
    return f"{' || %s || '.join(parts)} = j.row_key", [KEY_SEPARATOR] * (len(keys) - 1)


def _cast_text(column: str, field: "Field[Any, Any]", connection: BaseDatabaseWrapper) -> str:
    """Return the SQL that turns a text column into the type of a field."""
    # SQLite compares and stores by the type of the column, so text will do.
    if connection.vendor != "postgresql":
        return column
    return f"CAST({column} AS {field.rel_db_type(connection)})"


def _row_key(model: type[Model]) -> Any:
    parts: list[Any] = []
    for key in model._meta.pk_fields:
        parts += [Cast(F(key.attname), TextField()), Value(KEY_SEPARATOR)]
    return parts[0] if len(parts) == 2 else Concat(*parts[:-1], output_field=TextField())


def _compile_insert(rows: "QuerySet[Any]") -> Statement:
    """Return a statement that writes the result of a query into the journal."""
    # Django has no INSERT ... SELECT of its own.
    found = compile_select(rows)
    quote = connections[rows.db].ops.quote_name
    names = ", ".join(map(quote, COLUMNS))
    table = quote(DeletionJournal._meta.db_table)
    return Statement(f"INSERT INTO {table} ({names}) {found.sql}", found.parameters)
