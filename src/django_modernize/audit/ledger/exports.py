"""Export seals as text, to be kept out of reach of the database's owner."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from ...exceptions import ModernizeError
from .models import AuditSeal

__all__ = ["ExportError", "export_seals", "load_seals"]


class ExportError(ModernizeError, ValueError):
    """A file is not an export of seals."""


def export_seals(using: str = DEFAULT_DB_ALIAS, *, after: int = 0) -> Iterator[str]:
    """Yield a line of JSON for each seal.

    Args:
        using: The database.
        after: The id of the last seal that was already exported.
    """
    seals = AuditSeal._base_manager.using(using).filter(number__gt=after).defer("manifest")
    for seal in seals.order_by("number").iterator():
        yield json.dumps(seal.to_dict(), sort_keys=True)


def load_seals(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the seals of an export.

    Raises:
        ExportError: A line is no seal.
    """
    for position, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            seal = json.loads(line)
            yield {**seal, "number": int(seal["number"]), "digest": str(seal["digest"])}
        except (ValueError, KeyError, TypeError) as error:
            raise ExportError(f"Line {position} is not a seal of an export: {error}.") from error
