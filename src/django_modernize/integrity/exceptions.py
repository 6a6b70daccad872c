"""What goes wrong while a constraint is put into a database."""

from collections.abc import Sequence

from django.db import NotSupportedError

from ..exceptions import ModernizeError

__all__ = ["ExtensionMissing"]


class ExtensionMissing(ModernizeError, NotSupportedError):
    """A PostgreSQL database lacks the extension that a constraint stands on."""

    def __init__(self, constraint_name: str, fields: Sequence[str]) -> None:
        super().__init__(
            f"NoOverlap {constraint_name!r} is partitioned by {', '.join(fields)}, which is no "
            "integer, so PostgreSQL needs the extension btree_gist. Add BtreeGistExtension() from "
            "django.contrib.postgres.operations to the migration, before this operation."
        )
