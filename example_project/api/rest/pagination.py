"""Pagination by position in an order, so that the last page costs as much as the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from .problems import InvalidParameter

__all__ = ["PositionPagination"]

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
SALT: Final = "api.rest.pagination"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """An order by one field, with the key as tiebreaker."""

    field: Any
    is_descending: bool

    @property
    def name(self) -> str:
        """The name of the order in the query string."""
        return f"{'-' if self.is_descending else ''}{self.field.name}"

    def turn(self) -> "Order":
        """Return the reverse order."""
        return Order(field=self.field, is_descending=not self.is_descending)

    def sort(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows in this order; nulls come last, or first if reversed."""
        value = F(self.field.attname)
        if self.is_descending:
            first = value.desc(nulls_first=True) if self.field.null else value.desc()
            return rows.order_by(first, "-pk")
        return rows.order_by(value.asc(nulls_last=True) if self.field.null else value.asc(), "pk")

    def read_position(self, row: Model) -> list[Any]:
        """Return the position of a row, as JSON."""
        value = getattr(row, self.field.attname)
        return [None if value is None else self.field.value_to_string(row), row.pk]

    def follow(self, position: Sequence[Any]) -> Q:
        """Return the condition for rows after a position."""
        text, key = position
        name, step = self.field.attname, "lt" if self.is_descending else "gt"
        is_empty = Q(**{f"{name}__isnull": True})
        if text is None:
            behind = is_empty & Q(**{f"pk__{step}": key})
            return behind | ~is_empty if self.is_descending else behind
        value = self.field.to_python(text)
        behind = Q(**{f"{name}__{step}": value}) | Q(**{name: value, f"pk__{step}": key})
        return behind | is_empty if self.field.null and not self.is_descending else behind


class PositionPagination(BasePagination):
    """Pages of a list, each with the URLs of its neighbors.

    ``limit`` is the number of rows, ``ordering`` one of the view's ``ordering_fields``, with a
    minus for descending order. ``cursor`` is signed, so that nobody can forge one.
    """

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Any, view: Any = None
    ) -> list[Any]:
        """Return the rows of the requested page.

        Raises:
            InvalidParameter: A parameter is invalid.

        Costs one query.
        """
        self.request = request
        self.limit = read_limit(request)
        self.order = self.find_order(queryset.model, view)
        position, is_backwards = self._read_cursor()
        order = self.order.turn() if is_backwards else self.order
        rows = queryset if position is None else queryset.filter(order.follow(position))
        found = list(order.sort(rows)[: self.limit + 1])
        has_more, page = len(found) > self.limit, found[: self.limit]
        self.has_next, self.has_previous = has_more, position is not None
        if is_backwards:
            page.reverse()
            self.has_next, self.has_previous = True, has_more
        self.page = page
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows and the URLs of the neighboring pages."""
        return Response(
            {
                "next": self._make_link(self.has_next, -1, is_backwards=False),
                "previous": self._make_link(self.has_previous, 0, is_backwards=True),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """Describe a page."""
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters."""
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        described: dict[str, tuple[dict[str, Any], str]] = {
            "limit": (limit, "How many rows a page has."),
            "cursor": ({"type": "string"}, "Which page; taken from `next` or `previous`."),
        }
        if names := self.list_orderings(view):
            order = {"type": "string", "enum": names, "default": view.ordering}
            described["ordering"] = (order, "In which order; a minus turns it.")
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, (schema, text) in described.items()
        ]

    def find_order(self, model: type[Model], view: Any) -> Order:
        """Return the requested order, or the view's default.

        Raises:
            InvalidParameter: The view does not offer this order.
        """
        text = self.request.query_params.get("ordering") or view.ordering
        offered = self.list_orderings(view)
        if text not in {*offered, view.ordering}:
            raise InvalidParameter("ordering", f"It is one of {', '.join(offered)}.")
        name = text.removeprefix("-")
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        return Order(field=field, is_descending=text.startswith("-"))

    def list_orderings(self, view: Any) -> list[str]:
        """Return the values that ``ordering`` accepts."""
        return [f"{sign}{name}" for name in view.ordering_fields for sign in ("", "-")]

    def _read_cursor(self) -> tuple[list[Any] | None, bool]:
        text = self.request.query_params.get("cursor")
        if not text:
            return None, False
        try:
            name, position, is_backwards = signing.loads(text, salt=SALT)
        except signing.BadSignature as error:
            raise InvalidParameter("cursor", "Take it from next or previous as it is.") from error
        if name != self.order.name:
            raise InvalidParameter("cursor", f"It is of the order {name}; begin anew.")
        return position, is_backwards

    def _make_link(self, exists: bool, number: int, *, is_backwards: bool) -> str | None:
        if not exists or not self.page:
            return None
        position = self.order.read_position(self.page[number])
        cursor = signing.dumps([self.order.name, position, is_backwards], salt=SALT)
        parameters = self.request.query_params.copy()
        parameters["cursor"] = cursor
        path = self.request.build_absolute_uri(self.request.path)
        return f"{path}?{urlencode(list(parameters.lists()), doseq=True)}"


def read_limit(request: Any) -> int:
    """Return the requested number of rows on a page.

    Raises:
        InvalidParameter: It is not a number, or outside the allowed range.
    """
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidParameter("limit", f"It is a number from 1 to {MAX_LIMIT}.")
    return int(text)
