"""How an object's primary key is written into its events."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import BinaryField, Model, TextField, Value
from django.db.models.functions import Cast

from .changes import ANY_BYTES

__all__ = ["object_key", "render_key", "store_text", "stored_key"]


def object_key(instance: Model, model: type[Model] | None = None) -> str:
    """Return the ``object_id`` of an object's events.

    Args:
        instance: The object.
        model: The parent in whose table the row is, where the object has several (multi-table
            inheritance). The object's own model by default.
    """
    meta = (model or type(instance))._meta
    key = instance.pk if model is None else getattr(instance, meta.pk.attname, None)
    # Of an object that was made by its key alone nothing else is known.
    return render_key(instance.pk if key is None else key)


def stored_key(instance: Model, model: type[Model] | None = None) -> "str | Cast":
    """Return an object's key as the database has it, to be compared with or written.

    That is its text but for a key that is no valid UTF-8, which SQLite lets a column hold: Python
    has it as ``os.fsdecode()`` gives it.
    """
    stored = store_text(object_key(instance, model))
    return stored if isinstance(stored, str) else Cast(Value(stored, BinaryField()), TextField())


def store_text(text: str) -> str | bytes:
    """Return text as the driver takes it: as bytes what is no UTF-8, to be cast to text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors=ANY_BYTES)
    return text


def render_key(key: Any) -> str:
    """Return a primary key as text, a composite one as the text of a JSON list."""
    if isinstance(key, Sequence) and not isinstance(key, str | bytes):
        return json.dumps([_json_part(part) for part in key], separators=(",", ":"))
    return str(key)


def _json_part(part: Any) -> Any:
    return part if part is None or isinstance(part, int | str) else str(part)
