"""The journal of foreign keys that deletions replaced, so that a restore can put them back."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.apps.registry import Apps
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, Field, Model, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from ..exceptions import JournalUnavailable
from .relations import KeyRelation
from .rules import find_replacement, is_computed
from .statements import Slot, Statement, compile_select, compile_update

__all__ = [
    "DeletionJournal",
    "KeyReplacement",
    "explaining_journal",
    "find_replaced",
    "forget_lost_keys",
    "is_journal_installed",
    "put_back_keys",
]

COLUMNS: Final = ("deletion_id", "model", "field", "row_key", "old_key", "new_key")

KEY_SEPARATOR: Final = "\x1f"
"""The separator between the parts of a composite primary key."""

PUT_BACK: Final = (
    "UPDATE %(table)s SET %(column)s = %(old_key)s FROM %(journal)s j "
    "WHERE j.deletion_id IN (%(ids)s) AND j.model = %%s AND j.field = %%s AND %(same_row)s "
    "AND %(current)s %(is_same)s j.new_key "
    "AND EXISTS (SELECT 1 FROM %(parents)s p WHERE p.%(parent_key)s = %(old_key)s)"
)
"""Keep a key that was changed in the meantime, or whose old value no longer exists."""


class DeletionJournal(models.Model):
    """A foreign key that a deletion replaced through ``SET_NULL``, ``SET_DEFAULT`` or ``SET()``."""

    id = models.BigAutoField(primary_key=True)
    deletion_id = models.UUIDField(db_index=True)
    model = models.CharField(max_length=201)
    """The lowercase label of the row's model."""

    field = models.CharField(max_length=100)
    row_key = models.TextField()
    """The primary key of the row, as text."""

    old_key = models.TextField()
    # An empty string is a valid key too.
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
    """Return whether the project has the journal table."""
    return apps.is_installed("django_modernize.softdelete")


@contextmanager
def explaining_journal(using: str) -> Iterator[None]:
    """Raise a clearer error if a statement of the block fails because of the journal.

    Args:
        using: The alias of the database.

    Raises:
        JournalUnavailable: The journal's table is missing, or closed to this database user.
    """
    try:
        yield
    except JournalUnavailable:
        raise
    except DatabaseError as error:
        # PostgreSQL quotes the statement below its message.
        reason = str(error).partition("\n")[0]
        if DeletionJournal._meta.db_table in reason:
            raise JournalUnavailable(using, reason) from error
        raise


class KeyReplacement:
    """Replace foreign keys as their ``on_delete`` demands, and record their old values.

    Args:
        relation: The relation of the keys.
        children: The rows of the model with the key's column, with a slot for the deletion.
        deletion_id: The slot.
    """

    def __init__(self, relation: KeyRelation, children: "QuerySet[Any]", deletion_id: Slot) -> None:
        self.field = relation.field
        self.children = children
        self.deletion_id = deletion_id

    def run(self, cursor: Any, values: Mapping[str, Any]) -> None:
        """Replace the keys.

        Costs one INSERT, and one UPDATE if there are such rows. If the project computes the new
        value, one more query first checks that there are rows to compute it for.
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
        """The statement that finds one of the rows."""
        return compile_select(self.children.values("pk")[:1])

    @cached_property
    def compiled(self) -> tuple[Statement, Statement]:
        """The cached result of :meth:`compile`, if it is always the same."""
        return self.compile()

    def compile(self) -> tuple[Statement, Statement]:
        """Return the INSERT that records the keys and the UPDATE that replaces them."""
        field = self.field
        replacement = find_replacement(field)
        value = getattr(replacement, field.target_field.attname, replacement)
        new_key = (
            value if hasattr(value, "resolve_expression") else Value(value, field.target_field)
        )
        noted = (
            self.children.order_by("pk")
            .select_for_update(no_key=True)
            .values_list(
                Cast(self.deletion_id, models.UUIDField()),
                Value(field.model._meta.label_lower),
                Value(field.name),
                _row_key(field.model),
                Cast(field.attname, TextField()),
                Cast(new_key, TextField()),
            )
        )
        return _compile_insert(noted), compile_update(self.children, **{field.name: value})


def find_replaced(deletion_ids: Iterable[UUID | Slot], using: str) -> "QuerySet[Any]":
    """Return the model labels and field names of the keys that deletions replaced."""
    entries: QuerySet[Any] = QuerySet(DeletionJournal, using=using)
    return entries.filter(deletion_id__in=deletion_ids).values_list("model", "field").distinct()


def put_back_keys(
    replaced: Iterable[tuple[str, str]],
    deletion_ids: Collection[UUID],
    *,
    using: str,
    registry: Apps,
) -> None:
    """Put back the keys that deletions replaced, and remove them from the journal.

    Args:
        replaced: Model labels and field names, as returned by :func:`find_replaced`.
        deletion_ids: The ids of the deletions.
        using: The alias of the database.
        registry: The app registry of the models.

    Costs one statement per field, and two more.
    """
    entries: QuerySet[Any] = QuerySet(DeletionJournal, using=using)
    entries = entries.filter(deletion_id__in=deletion_ids)
    _hand_on_superseded(entries)
    for label, name in replaced:
        with suppress(LookupError, FieldDoesNotExist):
            # A migration may have removed the model or field, and with it the key.
            _put_back(registry.get_model(label), name, list(deletion_ids), using)
    entries.delete()


def forget_lost_keys(*, using: str) -> None:
    """Remove journal entries of hard-deleted rows. Costs two queries per field."""
    if is_journal_installed():
        with explaining_journal(using):
            _forget_lost_keys(using)


def _forget_lost_keys(using: str) -> None:
    entries: QuerySet[Any] = QuerySet(DeletionJournal, using=using)
    for label, name in list(entries.values_list("model", "field").distinct()):
        of_field = entries.filter(model=label, field=name)
        with suppress(LookupError, FieldDoesNotExist):
            field: Any = apps.get_model(label)._meta.get_field(name)
            parents: QuerySet[Any] = QuerySet(field.related_model, using=using)
            keys = parents.values_list(Cast(field.target_field.attname, TextField()))
            of_field.exclude(old_key__in=keys).delete()


def _hand_on_superseded(entries: "QuerySet[Any]") -> None:
    """Remove entries whose key a later deletion replaced again, and pass on the old value to it.

    If the first deletion changed a key from A to B and the second from B to C, then restoring only
    the first leaves C in place, and restoring the second must put A back.
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
    """Return a statement that inserts the result of a query into the journal."""
    # Django has no INSERT ... SELECT.
    found = compile_select(rows)
    quote = connections[rows.db].ops.quote_name
    names = ", ".join(map(quote, COLUMNS))
    table = quote(DeletionJournal._meta.db_table)
    return Statement(f"INSERT INTO {table} ({names}) {found.sql}", found.parameters)
