"""Hints for projects whose database routers exclude an application's tables."""

from django.db import router

__all__ = ["hint_at_routers"]


def hint_at_routers(alias: str, label: str) -> str:
    """Return how to let an application's tables into a database, nothing where they may.

    Args:
        alias: The database.
        label: The application's.
    """
    if router.allow_migrate(alias, label):
        return ""
    # What a router leaves out is noted as done all the same.
    return (
        f'DATABASE_ROUTERS refuse it: let allow_migrate("{alias}", "{label}") return True, then '
        f"run: python manage.py migrate {label} zero --fake --database {alias}; "
        f"python manage.py migrate --database {alias}"
    )
