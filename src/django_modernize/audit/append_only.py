"""The base model for the tables of the trail."""

from typing import Any, NoReturn

from django.db import models

from ..exceptions import AppendOnly

__all__ = ["AppendOnlyModel"]


class AppendOnlyModel(models.Model):
    """A model whose rows only the database writes."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to save.

        Raises:
            AppendOnly: Always.
        """
        raise AppendOnly("saved")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to delete.

        Raises:
            AppendOnly: Always.
        """
        raise AppendOnly("deleted")
