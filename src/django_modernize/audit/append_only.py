"""What the tables of the trail have in common."""

from typing import Any, NoReturn

from django.db import models

from ..exceptions import AppendOnly

__all__ = ["AppendOnlyModel"]


class AppendOnlyModel(models.Model):
    """Rows that the database writes by itself, and nobody saves."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnly: Always.
        """
        raise AppendOnly("saved")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnly: Always.
        """
        raise AppendOnly("deleted")
