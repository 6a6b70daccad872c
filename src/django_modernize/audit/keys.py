"""The text form of an object's primary key in its events."""

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
        model: With multi-table inheritance, the parent whose row is meant. Defaults to the
            object's own model.
    """
    meta = (model or type(instance))._meta
    key = instance.pk if model is None else getattr(instance, meta.pk.attname, None)
    # An object created from its key alone has no other values.
    return render_key(instance.pk if key is None else key)


def stored_key(instance: Model, model: type[Model] | None = None) -> "str | Cast":
    """Return an object's key as stored in the database, for comparing or writing.

    This is its text, except for a key that is not valid UTF-8, which SQLite allows. In Python it
    is decoded as by ``os.fsdecode()``.
    """
    stored = store_text(object_key(instance, model))
    return stored if isinstance(stored, str) else Cast(Value(stored, BinaryField()), TextField())


def store_text(text: str) -> str | bytes:
    """Return text as the driver accepts it: bytes, to be cast to text, if it is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors=ANY_BYTES)
    return text


def render_key(key: Any) -> str:
    """Return a primary key as text, with a composite key as a JSON list."""
    if isinstance(key, Sequence) and not isinstance(key, str | bytes):
        return json.dumps([_json_part(part) for part in key], separators=(",", ":"))
    return str(key)


def _json_part(part: Any) -> Any:
    return part if part is None or isinstance(part, int | str) else str(part)
