"""Differences between versions of Django and of the database drivers.

No other module checks which version is installed.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Final
from weakref import ReferenceType

import django
from django.core import mail
from django.core.checks import CheckMessage
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.dispatch import Signal

__all__ = [
    "DATABASE_RULES",
    "ConstraintChecks",
    "can_return_to_result",
    "driver_cursor",
    "find_task_decorator",
    "is_pipelined",
    "is_test_run",
    "list_receivers",
    "read_last_result",
    "replace_driver_cursor",
    "sends_one_message",
    "show_next_result",
    "transaction_status",
]


def driver_cursor(context: dict[str, Any]) -> Any:
    """Return the driver's cursor from the context of an execute wrapper.

    Django documents ``context["cursor"]``, which is its own wrapper, but not the attribute that
    holds the driver's cursor.
    """
    return context["cursor"].cursor


def replace_driver_cursor(context: dict[str, Any], cursor: Any) -> None:
    """Replace the driver's cursor for the rest of the wrapper's lifetime."""
    context["cursor"].cursor = cursor


def sends_one_message(connection: BaseDatabaseWrapper) -> bool:
    """Return whether a PostgreSQL connection can send several statements in one message.

    It can if the client binds the parameters, as psycopg 3 does with Django's default settings,
    and if no pipeline is active.
    """
    # The attributes are those of Django's PostgreSQL backend, not of the base class.
    driver: Any = connection
    return (
        driver.Database.__name__ == "psycopg"
        and not driver.features.uses_server_side_binding
        and not is_pipelined(connection)
    )


def is_pipelined(connection: BaseDatabaseWrapper) -> bool:
    """Return whether a PostgreSQL connection is in a psycopg 3 pipeline.

    In a pipeline the reported transaction status lags behind: the implicit transaction of
    autocommit mode ends only when the pipeline is synchronized.
    """
    link = getattr(connection.connection, "pgconn", None)
    return link is not None and bool(link.pipeline_status)


def transaction_status(connection: BaseDatabaseWrapper) -> int:
    """Return the transaction status of a PostgreSQL connection as libpq reports it."""
    driver: Any = connection.connection
    # psycopg 3 creates a new ``info`` object on each access; psycopg2 has nothing else.
    link = driver.pgconn if hasattr(driver, "pgconn") else driver.info
    return int(link.transaction_status)


def show_next_result(cursor: Any) -> None:
    """Move a psycopg cursor from the result of the first statement to that of the second."""
    cursor.nextset()


def can_return_to_result(cursor: Any) -> bool:
    """Return whether a cursor can go back to an earlier result, as psycopg 3.3 can."""
    return hasattr(cursor, "set_result")


def read_last_result(cursor: Any, *, back_to: int) -> Any:
    """Return the first row of the last statement in a message.

    Args:
        cursor: A cursor for which :func:`can_return_to_result` is true.
        back_to: The index of the result to select afterwards, starting at 0.
    """
    cursor.set_result(-1)
    row = cursor.fetchone()
    cursor.set_result(back_to)
    return row


def is_test_run() -> bool:
    """Return whether Django's test environment is set up, which adds ``mail.outbox``.

    See https://docs.djangoproject.com/en/stable/topics/testing/tools/#email-services.
    """
    return hasattr(mail, "outbox")


def find_task_decorator() -> Callable[..., Any] | None:
    """Return the ``task`` decorator of Django's tasks or their backport, or ``None``."""
    for name in ("django.tasks", "django_tasks"):
        if find_spec(name) is not None:
            decorator: Callable[..., Any] = import_module(name).task
            return decorator
    return None


def list_receivers(signal: Signal) -> list[tuple[Callable[..., Any], object]]:
    """Return the live receivers of a signal, each with the id of its sender.

    The content of ``Signal.receivers`` is undocumented: a key of two ids, a reference to the
    receiver and, since Django 6.0, a reference to the sender.
    """
    living = []
    for (_receiver_id, sender_id), reference, *_others in signal.receivers or ():
        receiver = reference() if isinstance(reference, ReferenceType) else reference
        if receiver is not None:
            living.append((receiver, sender_id))
    return living


DATABASE_RULES: Final = {
    getattr(models, f"DB_{name}"): getattr(models, name)
    for name in ("CASCADE", "SET_NULL", "SET_DEFAULT")
    if hasattr(models, f"DB_{name}")
}
"""The ``on_delete`` values that the database carries out, mapped to their Python equivalents.
They were added in Django 6.1."""


class ConstraintChecks(models.BaseConstraint):
    """Add ``find_problems()`` to Django's own check of a constraint.

    Django calls ``_check()`` in 5.2 and ``check()`` since 6.0.
    """

    answered_checks: ClassVar[frozenset[str]] = frozenset()
    """The ids of Django's messages that ``find_problems()`` replaces."""

    def find_problems(
        self, model: type[models.Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return the problems of the constraint. Subclasses override this."""
        raise NotImplementedError

    def _check_all(
        self, model: type[models.Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        own = getattr(super(), CHECK_HOOK)(model, connection)
        kept = [message for message in own if message.id not in self.answered_checks]
        return [*kept, *self.find_problems(model, connection)]


CHECK_HOOK: Final = "check" if django.VERSION >= (6, 0) else "_check"

setattr(ConstraintChecks, CHECK_HOOK, ConstraintChecks._check_all)
