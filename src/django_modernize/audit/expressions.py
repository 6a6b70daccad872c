"""Looks into the text of an event's changes."""

import json
import re
from typing import Any, Final

from django.core.exceptions import FullResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.lookups import Contains, Exact, In, IsNull
from django.db.models.sql.compiler import SQLCompiler

from ..triggers.identifiers import quote_literal
from .row_texts import quote_value

__all__ = ["AtAnyTime", "ChangedValue", "holds_value", "mentions_field", "mentions_text"]

WRITTEN_VALUE: Final = r'"(?:[^"\\]|""|\\\\)*"|[^",()\\]*'
"""One value in the text of a row, as a regular expression of PostgreSQL's."""

MOST_REPEATED: Final = 255
"""How often a regular expression of PostgreSQL's can repeat something."""

MOMENT: Final = re.compile(r"(?P<day>\d{4,}-\d\d-\d\d)T(?P<clock>[\d:.]+)\+00:00")


class AtAnyTime(Func):
    """Holds for every event, and lets PostgreSQL know that what is rare is found by block ranges.

    Its planner takes the values of an actor to be in all blocks, and so reads all of them, unless
    a condition on a column that grows with the table's blocks stands beside.
    """

    output_field = BooleanField()

    def __init__(self) -> None:
        super().__init__(F("created_at"))

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Leave the condition out."""
        raise FullResultSet

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for PostgreSQL, which even holds for a time that Python does not know."""
        moment, parameters = compiler.compile(self.source_expressions[0])
        return f"{moment} >= '-infinity'", parameters


class NamesField(Func):
    """Whether the JSON of an event names a field, on SQLite.

    The name is part of the statement: SQLite takes a partial index for no call whose argument is
    bound (:class:`~django_modernize.migrate.IndexChanges`).

    Args:
        name: The field.
    """

    output_field = BooleanField()

    def __init__(self, name: str) -> None:
        super().__init__(F("changes"))
        self.name = name

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for SQLite."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        named = quote_literal(f"{json.dumps(self.name)}:").replace("%", "%%")
        return f"instr({changes}, {named}) > 0", parameters


class ChangedValue(Func):
    """One value of an event, as text; ``NULL`` for nothing.

    Args:
        steps: The way to the value: names of members and positions in lists.
    """

    output_field = TextField()

    def __init__(self, *steps: str | int) -> None:
        for step in steps:
            if isinstance(step, str) and not step.isidentifier():
                raise ValueError(f"{step!r} is no name of a field.")
        super().__init__(F("changes"))
        self.steps = steps

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for PostgreSQL."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        path = "{" + ",".join(str(step) for step in self.steps) + "}"
        sql = f"(CASE WHEN starts_with({changes}, '{{') THEN {changes}::jsonb #>> %s::text[] END)"
        return sql, [*parameters, *parameters, path]

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for SQLite."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        path = "$" + "".join(
            f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in self.steps
        )
        sql = f"CAST(json_extract(nullif({changes}, ''), %s) AS text)"
        return sql, [*parameters, path]


class RowValue(Func):
    """What the text of a row on PostgreSQL holds for a field; ``NULL`` for nothing.

    Args:
        side: ``old`` or ``new``.
        name: The field.
    """

    output_field = TextField()

    def __init__(self, side: str, name: str) -> None:
        super().__init__(F("changes"))
        self.side = side
        self.name = name

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for PostgreSQL: as many values are skipped as fields come before."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        fields_before = f"substring({changes} from %s)"
        count = f"length(regexp_replace({fields_before}, '[^,]', '', 'g'))"
        whole, rest = f"({count} / {MOST_REPEATED})", f"mod({count}, {MOST_REPEATED})"
        sql = f"nullif(substring({changes} from %s || {whole} || %s || {rest} || %s), '')"
        layout = [*parameters, f"^{self.side} ((?:\\w+:\\w,)*){self.name}:\\w[,(]"]
        skipped = f"(?:(?:{WRITTEN_VALUE}),)"
        opening = f"^[^(]*\\((?:{skipped}{{{MOST_REPEATED}}}){{"
        middle, closing = f"}}{skipped}{{", f"}}({WRITTEN_VALUE})[,)]"
        return sql, [*parameters, opening, *layout, middle, *layout, closing]


def holds_value(name: str, side: str, value: Any, vendor: str) -> Q:
    """Return the condition that a field had a value before (``old``) or after (``new``) a change.

    Args:
        name: The field.
        side: ``old`` or ``new``.
        value: A JSON value, ``None`` for nothing.
        vendor: Of the database.
    """
    pair = ChangedValue(name, 0 if side == "old" else 1)
    alone = ChangedValue(side, name)
    row = RowValue(side, name) if vendor == "postgresql" else None
    if value is None:
        found = Q(IsNull(pair, True)) & Q(IsNull(alone, True))
        return found if row is None else found & Q(IsNull(row, True))
    text = Value(_render(value, vendor), output_field=TextField())
    found = Q(Exact(pair, text)) | Q(Exact(alone, text))
    return found if row is None else found | Q(In(row, _list_written(value)))


def mentions_field(name: str, vendor: str) -> Q:
    """Return the condition that an event may tell of a field; what does not is not parsed.

    :class:`~django_modernize.migrate.IndexChanges` makes indexes of the same condition, so each
    event that is written has to be judged by it in no time: no regular expression.
    """
    if vendor != "postgresql":
        return Q(NamesField(name))
    is_json = Q(changes__startswith="{") & Q(changes__contains=f"{json.dumps(name)}:")
    is_first = Q(changes__startswith=f"old {name}:") | Q(changes__startswith=f"new {name}:")
    is_row = Q(changes__startswith="old ") | Q(changes__startswith="new ")
    layout = Func(
        F("changes"), Value("("), Value(1), function="split_part", output_field=TextField()
    )
    return is_json | is_first | is_row & Q(Contains(layout, f",{name}:"))


def mentions_text(text: str, vendor: str) -> Q:
    """Return the condition that an event may hold a text that JSON holds as it is."""
    found = Q(changes__contains=f'"{text}"')
    if vendor != "postgresql":
        return found
    return found | ~Q(changes__startswith="{")


def _list_written(value: Any) -> list[str]:
    """Return how the text of a row may hold a JSON value."""
    if isinstance(value, bool):
        return ["t", "f", "true", "false"][not value :: 2]
    if not isinstance(value, str):
        return [str(value)]
    moment = MOMENT.fullmatch(value)
    written = [value, json.dumps(value, ensure_ascii=False)]
    if moment is not None:
        written.append(f"{moment['day']} {moment['clock']}+00")
    return [quote_value(text) for text in written]


def _render(value: Any, vendor: str) -> str:
    if isinstance(value, bool):
        return str(value).lower() if vendor == "postgresql" else str(int(value))
    return str(value)
