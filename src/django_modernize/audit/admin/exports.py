"""Export events as CSV or JSON lines."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from ...spreadsheets import disarm_cell
from ..models import AuditEvent

__all__ = ["EXPORTS", "stream_export"]

COLUMNS: Final = (
    "id",
    "created_at",
    "transaction_id",
    "object_type",
    "object_id",
    "action",
    "changes",
    "actor_id",
    "actor_label",
    "source",
    "reason",
    "request_id",
    "ip_address",
    "user_agent",
)


class Echo:
    """A file-like object that returns each line written to it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def write_csv(events: Iterable[AuditEvent]) -> Iterator[str]:
    """Yield a line for each event, after a header with the names."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for event in events:
        yield writer.writerow([disarm_cell(value) for value in _list_values(event)])


def write_json_lines(events: Iterable[AuditEvent]) -> Iterator[str]:
    """Yield a line of JSON for each event."""
    for event in events:
        said = dict(zip(COLUMNS, _list_values(event), strict=True))
        yield json.dumps({**said, "changes": event.changes}, default=str) + "\n"


EXPORTS: Final[dict[str, tuple[Any, Callable[[Iterable[AuditEvent]], Iterator[str]]]]] = {
    "csv": ("CSV", write_csv),
    "jsonl": (_("JSON lines"), write_json_lines),
}


def stream_export(events: QuerySet[AuditEvent], kind: str) -> StreamingHttpResponse:
    """Return a response that streams the events.

    Raises:
        Http404: There is no such kind of export.
    """
    if kind not in EXPORTS:
        raise Http404(f"There is no export named {kind!r}.")
    response = StreamingHttpResponse(
        EXPORTS[kind][1](events.iterator(chunk_size=2_000)),
        content_type="text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson",
    )
    response["Content-Disposition"] = f'attachment; filename="audit-events.{kind}"'
    return response


def _list_values(event: AuditEvent) -> list[Any]:
    values = [getattr(event, name) for name in COLUMNS]
    return [
        json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
        for value in values
    ]
