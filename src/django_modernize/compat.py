"""The only file that asks which Django, and which database driver, runs."""

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
    """Return the driver's cursor out of an execute wrapper's context.

    Django documents ``context["cursor"]``, its own wrapper, but not the attribute on it.
    """
    return context["cursor"].cursor


def replace_driver_cursor(context: dict[str, Any], cursor: Any) -> None:
    """Put another cursor in place of the driver's for the rest of the wrapper's life."""
    context["cursor"].cursor = cursor


def sends_one_message(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a PostgreSQL connection can send several statements as one message.

    It can while parameters are bound by the client: psycopg 3 as Django sets it up by default, and
    outside of its pipelines.
    """
    # The attributes belong to Django's PostgreSQL backend, not to its base class.
    driver: Any = connection
    return (
        driver.Database.__name__ == "psycopg"
        and not driver.features.uses_server_side_binding
        and not is_pipelined(connection)
    )


def is_pipelined(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a PostgreSQL connection is in a pipeline of psycopg 3.

    Its own word on transactions lags behind there: a synchronisation ends the one of autocommit.
    """
    link = getattr(connection.connection, "pgconn", None)
    return link is not None and bool(link.pipeline_status)


def transaction_status(connection: BaseDatabaseWrapper) -> int:
    """Return libpq's word on the transaction that a PostgreSQL connection is in."""
    driver: Any = connection.connection
    # psycopg 3 makes an object of its ``info`` each time; psycopg2 has nothing else.
    link = driver.pgconn if hasattr(driver, "pgconn") else driver.info
    return int(link.transaction_status)


def show_next_result(cursor: Any) -> None:
    """Move a psycopg cursor from the first statement's result to the second's."""
    cursor.nextset()


def can_return_to_result(cursor: Any) -> bool:
    """Tell whether a cursor can go back to the result of an earlier statement: psycopg 3.3 does."""
    return hasattr(cursor, "set_result")


def read_last_result(cursor: Any, *, back_to: int) -> Any:
    """Return the first row of the last statement of a message.

    Args:
        cursor: One that :func:`can_return_to_result`.
        back_to: The place of the result that is shown afterwards, as an index of a list.
    """
    cursor.set_result(-1)
    row = cursor.fetchone()
    cursor.set_result(back_to)
    return row


def is_test_run() -> bool:
    """Tell whether Django's test environment is set up: it gives the mails an outbox.

    See https://docs.djangoproject.com/en/stable/topics/testing/tools/#email-services.
    """
    return hasattr(mail, "outbox")


def find_task_decorator() -> Callable[..., Any] | None:
    """Return ``task`` of Django's background tasks or of their backport, ``None`` without."""
    for name in ("django.tasks", "django_tasks"):
        if find_spec(name) is not None:
            decorator: Callable[..., Any] = import_module(name).task
            return decorator
    return None


def list_receivers(signal: Signal) -> list[tuple[Callable[..., Any], object]]:
    """Return the living receivers of a signal, each with the id of its sender.

    What ``Signal.receivers`` holds is not documented: a key of two ids, a reference to the
    receiver, and from 6.0 one to the sender as well.
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
"""The values of ``on_delete`` that the database acts on, with those that mean the same in Python;
they came with Django 6.1."""


class ConstraintChecks(models.BaseConstraint):
    """Adds ``find_problems()`` to what Django's own check of a constraint says.

    The hook that Django calls is ``_check()`` in 5.2 and ``check()`` from 6.0.
    """

    answered_checks: ClassVar[frozenset[str]] = frozenset()
    """The ids of Django's messages that ``find_problems()`` knows better than Django."""

    def find_problems(
        self, model: type[models.Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return what is wrong with the constraint; each class has its own."""
        raise NotImplementedError

    def _check_all(
        self, model: type[models.Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        own = getattr(super(), CHECK_HOOK)(model, connection)
        kept = [message for message in own if message.id not in self.answered_checks]
        return [*kept, *self.find_problems(model, connection)]


CHECK_HOOK: Final = "check" if django.VERSION >= (6, 0) else "_check"

setattr(ConstraintChecks, CHECK_HOOK, ConstraintChecks._check_all)
