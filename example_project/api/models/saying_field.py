"""A column for text that is translated into the language of whoever reads it."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from .import_reasons import Saying

__all__ = ["SayingField"]

if TYPE_CHECKING:
    TextField = models.TextField[Saying | str, Saying]
else:
    TextField = models.TextField


class SayingField(TextField):
    """A text column that is read as a :class:`Saying`, and can be set to one or to a string.

    A saying without values is stored as its text alone. So are the sentences of earlier
    releases, which are shown unchanged.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Return the arguments for migrations; the column is a plain text column."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", list(args), kwargs

    def from_db_value(self, value: str | None, *_unused: Any) -> Saying | None:
        """Return the value of a column as a saying."""
        return None if value is None else read_saying(value)

    def to_python(self, value: Any) -> Any:
        """Return a value as a saying."""
        return read_saying(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        """Return a saying or a string as it is stored in the column."""
        if isinstance(value, Saying):
            return json.dumps(value.as_json()) if value.values else value.text
        return value if value is None else str(value)

    def value_to_string(self, obj: models.Model) -> str:
        """Return it for serialization."""
        return str(self.get_prep_value(self.value_from_object(obj)))


def read_saying(text: str) -> Saying:
    """Return the saying that a stored string represents."""
    if text.startswith('{"text": '):
        try:
            return Saying.from_json(json.loads(text))
        except (ValueError, KeyError):
            # A text that happens to begin like JSON.
            pass
    return Saying(text)
