"""Columns whose type does not fit their content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import CharField, Field, FloatField, Model, TextField, UniqueConstraint

from ..findings import Level, Rule, Symptom
from ..names import describe_field, split_words
from ..projects import Project

__all__ = ["FLOAT_MONEY", "NULLABLE_TEXT", "TEXT_ADDRESS"]

MONEY_WORDS: Final = frozenset(
    [
        "amount",
        "balance",
        "budget",
        "cost",
        "deposit",
        "earnings",
        "expense",
        "fee",
        "fees",
        "income",
        "payment",
        "payout",
        "price",
        "refund",
        "revenue",
        "salary",
        "subtotal",
        "tax",
        "vat",
        "wage",
    ]
)
UNIT_WORDS: Final = frozenset(
    [
        "change",
        "count",
        "days",
        "factor",
        "hours",
        "index",
        "kg",
        "km",
        "length",
        "minutes",
        "percent",
        "percentage",
        "rank",
        "rate",
        "ratio",
        "relative",
        "score",
        "seconds",
        "share",
        "size",
        "weight",
    ]
)
ADDRESS_NAMES: Final = frozenset(
    {("ip",), ("ip", "address"), ("ipaddress",), ("ip", "addr"), ("remote", "addr")}
)


def find_nullable_text(project: Project) -> Iterator[Symptom]:
    """Yield texts that have two ways to be empty."""
    for model, field in project.list_fields():
        if not isinstance(field, CharField | TextField) or not field.null:
            continue
        # Several rows without a value are unique as NULL alone.
        if field.unique or field.name in list_unique_names(model) or field.choices:
            continue
        yield Symptom(
            subject=describe_field(model, field),
            message=f"{describe_field(model, field)} can be both NULL and an empty string.",
            fix=f'{field.name} = models.{type(field).__name__}(..., blank=True, default="")  '
            f'# after: {model.__name__}.objects.filter({field.name}=None).update({field.name}="")',
            place=project.find_place(model, field),
        )


def list_unique_names(model: type[Model]) -> set[str]:
    """Return the fields that are part of what is unique in a model."""
    together = {name for names in model._meta.unique_together for name in names}
    constraints = model._meta.constraints
    fields = [one.fields for one in constraints if isinstance(one, UniqueConstraint)]
    return together | {name for names in fields for name in names}


def find_text_addresses(project: Project) -> Iterator[Symptom]:
    """Yield network addresses that are kept as any text."""
    for model, field in project.list_fields():
        is_text = type(field) in (CharField, TextField)
        if is_text and split_words(field.name)[-2:] in ADDRESS_NAMES:
            yield Symptom(
                subject=describe_field(model, field),
                message=f"{describe_field(model, field)} stores a network address as free text.",
                fix=f"{field.name} = models.GenericIPAddressField(...)",
                place=project.find_place(model, field),
            )


def find_float_money(project: Project) -> Iterator[Symptom]:
    """Yield amounts of money in binary fractions."""
    for model, field in project.list_fields():
        if isinstance(field, FloatField) and is_money(field):
            yield Symptom(
                subject=describe_field(model, field),
                message=f"{describe_field(model, field)} stores money as a binary floating-point "
                "number.",
                fix=f"{field.name} = models.DecimalField(max_digits=12, decimal_places=2, ...)",
                place=project.find_place(model, field),
            )


def is_money(field: Field[object, object]) -> bool:
    """Return whether a field's name speaks of money and of no other unit."""
    words = set(split_words(field.name))
    return bool(words & MONEY_WORDS) and not words & UNIT_WORDS


NULLABLE_TEXT: Final = Rule(
    id="W416",
    title="text that can be NULL",
    reason="There are two ways to be empty: filter(name='') and exclude(name='x') miss the rows "
    "with NULL, and a template shows None.",
    level=Level.WARNING,
    examine=find_nullable_text,
)

TEXT_ADDRESS: Final = Rule(
    id="W417",
    title="network address stored as text",
    reason="One address has many spellings, so filters and rate limits miss some; and any other "
    "text is accepted too.",
    level=Level.WARNING,
    examine=find_text_addresses,
)

FLOAT_MONEY: Final = Rule(
    id="W418",
    title="money stored as a float",
    reason="0.1 + 0.2 is not 0.3 in binary floating point: sums differ from the invoice.",
    level=Level.WARNING,
    examine=find_float_money,
)
