"""The phases from the legacy system to today, and which of them a database has behind it."""

import sys
from dataclasses import dataclass

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

__all__ = ["Phase", "read_phases"]

APP_LABEL = "api"


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A migration of AriStay's."""

    name: str
    says: str
    """What it does, in one sentence."""

    is_done: bool


def read_phases(using: str) -> list[Phase]:
    """Return all phases in their order.

    Args:
        using: The database that is asked which are done; costs one query.
    """
    loader = MigrationLoader(connections[using])
    plan = [
        key
        for leaf in loader.graph.leaf_nodes(APP_LABEL)
        for key in loader.graph.forwards_plan(leaf)
        if key[0] == APP_LABEL
    ]
    return [
        Phase(
            name=name,
            says=_read_sentence(loader.graph.nodes[label, name]),
            is_done=(label, name) in loader.applied_migrations,
        )
        for label, name in plan
    ]


def _read_sentence(migration: Migration) -> str:
    """Return the first line of a migration's docstring; a generated one has none."""
    text = sys.modules[type(migration).__module__].__doc__ or ""
    return text.strip().partition("\n")[0]
