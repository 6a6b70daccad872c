"""Looks into the text of an event's changes."""

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
"""One value in the text of a row, as a regular expression of PostgreSQL's."""

MOST_REPEATED: Final = 255
"""How often a regular expression of PostgreSQL's can repeat something."""

DIFFERENT_NODES: Final = (
    "EXISTS (SELECT fullkey, type, atom FROM json_tree({0})"
    " EXCEPT SELECT fullkey, type, atom FROM json_tree({1}))"
)

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
    """Whether an event holds a list or an object, on SQLite; the order of members is no matter.

    Args:
        steps: The way to the value.
        value: The list or the object.
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
        """Return the SQL for SQLite, which compares no JSON: all that is within has to be there."""
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


def holds_value(name: str, side: str, writings: Sequence[Any], vendor: str) -> Q:
    """Return the condition that a field had a value before (``old``) or after (``new``) a change.

    Args:
        name: The field.
        side: ``old`` or ``new``.
        writings: JSON values in any of which a trigger may have written it, one at least. A
            ``Decimal`` stands for the text that the database has for it.
        vendor: Of the database.
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
    """Return the condition that a field was empty, or not there, on one side of a change."""
    pair = ChangedValue(name, 0 if side == "old" else 1)
    found = Q(IsNull(pair, True)) & Q(IsNull(ChangedValue(side, name), True))
    return found & Q(IsNull(RowValue(side, name), True)) if vendor == "postgresql" else found


def holds_json_null(name: str, side: str) -> Q:
    """Return the condition that the text of a row holds JSON's ``null``, on PostgreSQL."""
    return Q(Exact(RowValue(side, name), Value("null", output_field=TextField())))


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


def _check_steps(steps: Sequence[str | int]) -> None:
    for step in steps:
        if isinstance(step, str) and not step.isidentifier():
            raise ValueError(f"{step!r} is no name of a field.")


def _render_path(steps: Sequence[str | int]) -> str:
    """Return the way to a value as SQLite writes it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)


def _list_texts(writing: Any, vendor: str) -> list[Any]:
    """Return as what :class:`ChangedValue` may give a JSON value."""
    is_postgresql = vendor == "postgresql"
    match writing:
        case bool():
            return [_text(str(writing).lower() if is_postgresql else str(int(writing)))]
        case float() if is_postgresql:
            # A column writes 5, and what is JSON itself 5.0.
            return [_call("to_jsonb({}::float8) #>> '{{}}'", writing), _call_json(writing)]
        case float():
            return [_call("CAST({} AS text)", writing)]
        case list() | dict():
            return [_call_json(writing)]
        case Decimal() if not is_postgresql:
            return [_call("CAST(CAST({} AS numeric) AS text)", str(writing))]
    return [_text(str(writing))]


def _list_row_texts(writing: Any) -> list[Any]:
    """Return how the text of a row may hold a JSON value."""
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
    """Return JSON as it stands in the text of a row, less the row's own parentheses."""
    return _call("right(left(ROW({}::jsonb)::text, -1), -1)", json.dumps(value))
