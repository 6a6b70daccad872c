"""Many-to-many links of a subject, such as the tags of its house."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import (
    Exists,
    F,
    Func,
    ManyToManyField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)

__all__ = ["KeyLists", "Link", "make_link"]


class ListKeys(Func):
    """Aggregate the keys of all linked rows in one text, so that a subject remains one row."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return a list as PostgreSQL writes it, nothing for no row."""
        template = "json_agg(%(expressions)s)::text"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return a list as SQLite writes it."""
        template = "json_group_array(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """The table in between, and where its two keys lead."""

    through: type[Model]
    related: type[Model]
    path: str
    """From the subject to the key of the row that is linked."""

    owner: str
    """The field of the table in between that leads to that row."""

    target: str
    """The one that leads to what it is linked with."""

    def find_rows(self) -> QuerySet[Any]:
        """Return the links of the subject of an outer query, without those of what is deleted."""
        rows = self.through._base_manager.filter(**{self.owner: OuterRef(self.path)})
        for model, prefix in ((self.through, ""), (self.related, f"{self.target}__")):
            if marker := getattr(model, "deletion_marker", None):
                rows = rows.filter(**{f"{prefix}{marker}__isnull": True})
        return rows.order_by()

    def list_keys(self) -> Subquery:
        """Return the keys of what a subject is linked with, as one text."""
        return Subquery(self.find_rows().annotate(keys=ListKeys(F(self.target))).values("keys"))

    def has_none(self) -> Q:
        """Return the condition for subjects without links."""
        return ~Q(Exists(self.find_rows()))

    def has_any(self, keys: Sequence[Any]) -> Q:
        """Return the condition for subjects linked with at least one of the rows."""
        return Q(Exists(self.find_rows().filter(**{f"{self.target}__in": keys})))

    def has_all(self, keys: Sequence[Any]) -> Q:
        """Return the condition for subjects linked with all of the rows."""
        return Q(*(self.has_any([key]) for key in keys))

    def read_key(self, value: Any) -> Any:
        """Return a key as Python holds it.

        Raises:
            ValidationError: It is none.
        """
        return self.related._meta.pk.to_python(value)


class KeyLists(dict[str | None, tuple[Any, ...]]):
    """Lists of keys by their text, each read once."""

    def __init__(self, link: Link) -> None:
        super().__init__({None: ()})
        self.link = link

    def __missing__(self, text: str) -> tuple[Any, ...]:
        """Read a text that has not been seen before."""
        self[text] = tuple(sorted(self.link.read_key(key) for key in json.loads(text)))
        return self[text]


def make_link(path: str, field: ManyToManyField[Any, Any]) -> Link:
    """Return the link at the end of a path.

    Args:
        path: From the subject: ``property__tags``.
        field: What the path leads to.
    """
    owner, _separator, _name = path.rpartition("__")
    return Link(
        through=cast("type[Model]", field.remote_field.through),
        related=field.related_model,
        path=f"{owner}__pk" if owner else "pk",
        owner=field.m2m_field_name(),
        target=field.m2m_reverse_field_name(),
    )
