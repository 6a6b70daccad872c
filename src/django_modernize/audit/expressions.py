"""Query expressions for the text of an event's changes."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import FullResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, FloatField, Func, Q, TextField, Value
from django.db.models.lookups import Contains, Exact, In, IsNull
from django.db.models.sql.compiler import SQLCompiler

from ..triggers.identifiers import quote_literal
from .row_texts import quote_value

__all__ = [
    "AtAnyTime",
    "ChangedValue",
    "holds_json_null",
    "holds_nothing",
    "holds_value",
    "mentions_field",
    "mentions_text",
]

WRITTEN_VALUE: Final = r'"(?:[^"\\]|""|\\\\)*"|[^",()\\]*'
"""A value in the text of a row, as a PostgreSQL regular expression."""

MOST_REPEATED: Final = 255
"""The maximum repetition count in a PostgreSQL regular expression."""

DIFFERENT_NODES: Final = (
    "EXISTS (SELECT fullkey, type, atom FROM json_tree({0})"
    " EXCEPT SELECT fullkey, type, atom FROM json_tree({1}))"
)

MOMENT: Final = re.compile(r"(?P<day>\d{4,}-\d\d-\d\d)T(?P<clock>[\d:.]+)\+00:00")


class AtAnyTime(Func):
    """A condition true for every event, which makes PostgreSQL use block ranges for rare values.

    Its planner assumes that an actor's events are in all blocks, and so reads all of them, unless
    there is also a condition on a column that grows along with the blocks of the table.
    """

    output_field = BooleanField()

    def __init__(self) -> None:
        super().__init__(F("created_at"))

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Omit the condition."""
        raise FullResultSet

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for PostgreSQL, which is true even for times outside Python's range."""
        moment, parameters = compiler.compile(self.source_expressions[0])
        return f"{moment} >= '-infinity'", parameters


class NamesField(Func):
    """Whether the JSON of an event mentions a field, on SQLite.

    The name is a literal in the statement, since SQLite does not use a partial index for a call
    with a bound parameter (:class:`~django_modernize.migrate.IndexChanges`).

    Args:
        name: The name of the field.
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
    """A value of an event as text, or ``NULL`` if there is none.

    Args:
        steps: The path to the value: member names and list indexes.
    """

    output_field = TextField()

    def __init__(self, *steps: str | int) -> None:
        _check_steps(steps)
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
        sql = f"CAST(json_extract(nullif({changes}, ''), %s) AS text)"
        return sql, [*parameters, _render_path(self.steps)]


class HoldsSameJson(Func):
    """Whether a value of an event equals a list or an object, on SQLite, ignoring member order.

    Args:
        steps: The path to the value.
        value: The list or object.
    """

    output_field = BooleanField()

    def __init__(self, *steps: str | int, value: Any) -> None:
        _check_steps(steps)
        super().__init__(F("changes"))
        self.steps = steps
        self.value = value

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for SQLite, which cannot compare JSON, so each part is compared."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        changes = f"nullif({changes}, '')"
        found, wanted = f"json_extract({changes}, %s)", "%s"
        sql = (
            f"CASE WHEN json_type({changes}, %s) IN ('object', 'array') THEN"
            f" NOT {DIFFERENT_NODES.format(found, wanted)}"
            f" AND NOT {DIFFERENT_NODES.format(wanted, found)} ELSE 0 END"
        )
        place, text = [*parameters, _render_path(self.steps)], json.dumps(self.value)
        return sql, [*place, *place, text, text, *place]


class RowValue(Func):
    """The value of a field in the text of a row on PostgreSQL, or ``NULL`` if there is none.

    Args:
        side: ``old`` or ``new``.
        name: The name of the field.
    """

    output_field = TextField()

    def __init__(self, side: str, name: str) -> None:
        super().__init__(F("changes"))
        self.side = side
        self.name = name

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for PostgreSQL, which skips the values of the preceding fields."""
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


def holds_value(name: str, side: str, writings: Sequence[Any], vendor: str) -> Q:
    """Return the condition that a field had a value before (``old``) or after (``new``) a change.

    Args:
        name: The name of the field.
        side: ``old`` or ``new``.
        writings: The JSON values, at least one, that a trigger may have written for the value. A
            ``Decimal`` stands for its text in the database.
        vendor: The vendor of the database.
    """
    places = (name, 0 if side == "old" else 1), (side, name)
    if vendor == "postgresql":
        rows = [text for writing in writings for text in _list_row_texts(writing)]
        found = Q(In(RowValue(side, name), rows))
    else:
        trees = [writing for writing in writings if isinstance(writing, list | dict)]
        same = [Q(HoldsSameJson(*at, value=tree)) for tree in trees for at in places]
        found = Q(*same, _connector=Q.OR)
        writings = [writing for writing in writings if not isinstance(writing, list | dict)]
    texts = [text for writing in writings for text in _list_texts(writing, vendor)]
    for at in places if texts else ():
        found |= Q(In(ChangedValue(*at), texts))
    return found


def holds_nothing(name: str, side: str, vendor: str) -> Q:
    """Return the condition that a field was empty or missing on one side of a change."""
    pair = ChangedValue(name, 0 if side == "old" else 1)
    found = Q(IsNull(pair, True)) & Q(IsNull(ChangedValue(side, name), True))
    return found & Q(IsNull(RowValue(side, name), True)) if vendor == "postgresql" else found


def holds_json_null(name: str, side: str) -> Q:
    """Return the condition that the text of a row contains JSON ``null``, on PostgreSQL."""
    return Q(Exact(RowValue(side, name), Value("null", output_field=TextField())))


def mentions_field(name: str, vendor: str) -> Q:
    """Return the condition that an event may mention a field, so that others are not parsed.

    :class:`~django_modernize.migrate.IndexChanges` creates indexes with the same condition, which
    is evaluated for each event written. So it must be fast and cannot use a regular expression.
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
    """Return the condition that an event may contain a text that JSON does not escape."""
    found = Q(changes__contains=f'"{text}"')
    if vendor != "postgresql":
        return found
    return found | ~Q(changes__startswith="{")


def _check_steps(steps: Sequence[str | int]) -> None:
    for step in steps:
        if isinstance(step, str) and not step.isidentifier():
            raise ValueError(f"{step!r} is not a field name.")


def _render_path(steps: Sequence[str | int]) -> str:
    """Return the path to a value in the notation of SQLite."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)


def _list_texts(writing: Any, vendor: str) -> list[Any]:
    """Return the texts that :class:`ChangedValue` may return for a JSON value."""
    is_postgresql = vendor == "postgresql"
    match writing:
        case bool():
            return [_text(str(writing).lower() if is_postgresql else str(int(writing)))]
        case float() if is_postgresql:
            # A numeric column writes 5, but a JSON column 5.0.
            return [_call("to_jsonb({}::float8) #>> '{{}}'", writing), _call_json(writing)]
        case float():
            return [_call("CAST({} AS text)", writing)]
        case list() | dict():
            return [_call_json(writing)]
        case Decimal() if not is_postgresql:
            return [_call("CAST(CAST({} AS numeric) AS text)", str(writing))]
    return [_text(str(writing))]


def _list_row_texts(writing: Any) -> list[Any]:
    """Return the texts for a JSON value in the text of a row."""
    match writing:
        case bool():
            return [_text(text) for text in ["t", "f", "true", "false"][not writing :: 2]]
        case float():
            return [_call("to_json({}::float8)::text", writing), _call_row(writing)]
        case list() | dict():
            array = json.dumps(writing, separators=(",", ":"), ensure_ascii=False)
            return [_call_row(writing), _text(quote_value(array))]
        case str():
            moment = MOMENT.fullmatch(writing)
            written = [writing, json.dumps(writing, ensure_ascii=False)]
            if moment is not None:
                written.append(f"{moment['day']} {moment['clock']}+00")
            return [_text(quote_value(text)) for text in written]
    return [_text(str(writing))]


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())


def _call(sql: str, value: float | str) -> Func:
    kind = FloatField() if isinstance(value, float) else TextField()
    template = "(" + sql.format("%(expressions)s") + ")"
    return Func(Value(value, output_field=kind), template=template, output_field=TextField())


def _call_json(value: Any) -> Func:
    return _call("{}::jsonb #>> '{{}}'", json.dumps(value))


def _call_row(value: Any) -> Func:
    """Return JSON as written in the text of a row, without the parentheses of the row."""
    return _call("right(left(ROW({}::jsonb)::text, -1), -1)", json.dumps(value))
