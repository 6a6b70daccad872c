"""Defaults of the wrong type, mutable defaults, and defaults without a time zone."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import NOT_PROVIDED, DateField, DateTimeField, Field, Model
from django.db.models.expressions import BaseExpression
from django.utils.functional import Promise

from ...codemods.edits import replace_node
from ..findings import Level, Repair, Rule, Symptom
from ..names import describe_field
from ..projects import Project
from ..repairs import offer_repair
from ..sources import find_argument

__all__ = ["MUTABLE_DEFAULT", "NAIVE_DEFAULT", "WRONG_DEFAULT"]

TEXT: Final = (str, Promise)
WHOLE: Final = (int,)
EXPECTED: Final[dict[str, tuple[type, ...]]] = {
    "BooleanField": (bool,),
    "CharField": TEXT,
    "DateField": (datetime.date,),
    "DateTimeField": (datetime.datetime,),
    "DecimalField": (decimal.Decimal, int),
    "DurationField": (datetime.timedelta,),
    "EmailField": TEXT,
    "FloatField": (float, int),
    "IntegerField": WHOLE,
    "BigIntegerField": WHOLE,
    "SmallIntegerField": WHOLE,
    "PositiveIntegerField": WHOLE,
    "PositiveBigIntegerField": WHOLE,
    "PositiveSmallIntegerField": WHOLE,
    "SlugField": TEXT,
    "TextField": TEXT,
    "TimeField": (datetime.time,),
    "URLField": TEXT,
    "UUIDField": (uuid.UUID,),
}
"""What an instance holds after it was loaded, by the internal type of its field."""

FACTORIES: Final[dict[type, str]] = {list: "list", dict: "dict", set: "set"}

NAIVE_CLOCKS: Final = (
    datetime.datetime.now,
    datetime.datetime.utcnow,
    datetime.datetime.today,
)


def find_wrong_defaults(project: Project) -> Iterator[Symptom]:
    """Yield defaults of another type than what the field gives back."""
    for model, field in project.list_fields():
        if is_of_wrong_type(field):
            code = suggest_default(field)
            yield Symptom(
                subject=describe_field(model, field),
                message=f"The default of {describe_field(model, field)} is "
                f"{type(field.default).__name__} {field.default!r}, its values are "
                f"{EXPECTED[field.get_internal_type()][0].__name__}.",
                fix=f"{field.name} = models.{type(field).__name__}(default={code})",
                place=project.find_place(model, field),
                repair=replace_default(project, model, field, *code_with_import(code)),
            )


def is_of_wrong_type(field: Field[Any, Any]) -> bool:
    """Return whether a field has a value for a default, which is of none of its types."""
    default: Any = field.default
    expected = EXPECTED.get(field.get_internal_type())
    # A class of its own may hold values of its own: its converter is asked only on loading.
    is_plain = type(field).__module__.startswith("django.")
    if expected is None or not is_plain or default is NOT_PROVIDED or default is None:
        return False
    if callable(default) or isinstance(default, BaseExpression):
        return False
    mistaken = (isinstance(default, bool) and bool not in expected) or (
        isinstance(default, datetime.datetime) and datetime.datetime not in expected
    )
    return mistaken or not isinstance(default, expected)


def suggest_default(field: Field[Any, Any]) -> str:
    """Return the code of the same default in the right type, ``...`` where there is none."""
    try:
        value = field.to_python(field.default)
    except (TypeError, ValueError, ArithmeticError, ValidationError):
        return "..."
    return repr(value)


def code_with_import(code: str) -> tuple[str, str]:
    """Return code whose names an import brings, and that import.

    >>> code_with_import("datetime.time(9, 0)")
    ('datetime.time(9, 0)', 'import datetime')
    >>> code_with_import("Decimal('1')")
    ('Decimal("1")', 'from decimal import Decimal')
    """
    code = code.replace("'", '"')
    if code.startswith("datetime."):
        return code, "import datetime"
    for name, module in (("Decimal", "decimal"), ("UUID", "uuid")):
        if code.startswith(name):
            return code, f"from {module} import {name}"
    return code, ""


def find_mutable_defaults(project: Project) -> Iterator[Symptom]:
    """Yield lists, dictionaries and sets that all new instances share."""
    for model, field in project.list_fields():
        default: Any = field.default
        if type(default) not in FACTORIES:
            continue
        factory = FACTORIES[type(default)]
        yield Symptom(
            subject=describe_field(model, field),
            message=f"New {model._meta.verbose_name_plural} all share one {factory} as "
            f"{field.name}.",
            fix=f"{field.name} = models.{type(field).__name__}(default={factory})"
            if not default
            else f"def make_{field.name}(): return {default!r}, and default=make_{field.name}",
            place=project.find_place(model, field),
            repair=None if default else replace_default(project, model, field, factory, ""),
        )


def find_naive_defaults(project: Project) -> Iterator[Symptom]:
    """Yield defaults without a time zone in a project that has them, and days of the server's."""
    if not settings.USE_TZ:
        return
    for model, field in project.list_fields():
        default: Any = field.default
        if isinstance(field, DateTimeField):
            naive_value = isinstance(default, datetime.datetime) and default.tzinfo is None
            if default in NAIVE_CLOCKS or naive_value:
                yield describe_naive_default(project, model, field, "timezone.now")
        elif isinstance(field, DateField) and default in (
            datetime.date.today,
            *NAIVE_CLOCKS,
        ):
            yield describe_naive_default(project, model, field, "timezone.localdate")


def describe_naive_default(
    project: Project, model: type[Model], field: Field[Any, Any], code: str
) -> Symptom:
    """Return the symptom of one field, with the clock to write in its place."""
    statement = "from django.utils import timezone"
    return Symptom(
        subject=describe_field(model, field),
        message=f"The default of {describe_field(model, field)} has no time zone.",
        fix=f"{field.name} = models.{type(field).__name__}(default={code})  # {statement}",
        place=project.find_place(model, field),
        repair=replace_default(project, model, field, code, statement),
    )


def replace_default(
    project: Project, model: type[Model], field: Field[Any, Any], code: str, statement: str
) -> Repair | None:
    """Return the repair that writes another default, ``None`` where none is written out."""
    declaration = project.find_declaration(model, field)
    argument = find_argument(declaration.call, "default") if declaration else None
    if declaration is None or argument is None or code == "...":
        return None
    edit = replace_node(declaration.source.content, argument, code)
    return offer_repair(declaration.source, edit, statement, declaration.names_above)


WRONG_DEFAULT: Final = Rule(
    id="E404",
    title="default of the wrong type",
    reason="A new instance keeps the wrong type until it is reloaded: comparing or calculating "
    "with it fails, but only on new rows.",
    level=Level.ERROR,
    examine=find_wrong_defaults,
)

MUTABLE_DEFAULT: Final = Rule(
    id="E414",
    title="mutable default shared by instances",
    reason="What one instance adds to it appears on every later instance, and is saved with them.",
    level=Level.ERROR,
    examine=find_mutable_defaults,
)

NAIVE_DEFAULT: Final = Rule(
    id="W415",
    title="default without a time zone",
    reason="The server's local time is taken for the project's time zone: values are off by "
    "hours, and by a day around midnight.",
    level=Level.WARNING,
    examine=find_naive_defaults,
)
