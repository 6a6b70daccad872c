"""Who may work on tasks, and therefore be assigned one."""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from api.models import User

from .access import Access, get_access, list_valid_overrides
from .matrix import MATRIX
from .scopes import list_visible

__all__ = ["list_workers", "require_new_workers", "require_worker"]

WORK: Final = "api.change_task"
"""What somebody needs who does a task: without it, its status stays as it is."""

NOBODY: Final = Q(pk__in=[])


def list_workers(access: Access, *, keep: Q = NOBODY) -> QuerySet[User]:
    """Return the people who can be assigned a task: active ones who may work on tasks.

    Args:
        access: Of whoever gives it, who sees them.
        keep: Who has it already, and is offered whatever that person may do now.

    Costs nothing itself; what they may is asked in the same statement.
    """
    overrides = list_valid_overrides().filter(user=OuterRef("pk"), permission=WORK)
    granted, denied = (Exists(overrides.filter(is_granted=one)) for one in (True, False))
    roles = [role for role, permissions in MATRIX.items() if WORK in permissions]
    by_role = (Q(profile__role__in=roles) | Q(granted)) & ~Q(denied)
    may_work = Q(is_active=True) & (Q(is_superuser=True) | by_role)
    people: QuerySet[User] = list_visible(access, User)
    return people.filter(may_work | keep)


def require_worker(person: User | None) -> None:
    """Refuse to assign a task to somebody who cannot do it.

    Args:
        person: Who is to get it; nobody is fine.

    Raises:
        ValidationError: The person has left (the code ``inactive``), or may only look at tasks
            (``no_worker``).

    Costs two queries.
    """
    if person is None:
        return
    words = {"person": person}
    if not person.is_active:
        raise ValidationError(_("%(person)s has left."), "inactive", words)
    if not get_access(person).may(WORK):
        text = _("%(person)s may only look at tasks. Choose somebody who may work on them.")
        raise ValidationError(text, "no_worker", words)


def require_new_workers(row: Any, people: Iterable[User] | None = None) -> None:
    """Refuse a rule or a schedule that assigns work to somebody who cannot do it.

    Args:
        row: It, as it is to be stored.
        people: Those who are to take turns, where that changes.

    Raises:
        ValidationError: As :func:`require_worker`, by field; whom the stored row names already may
            stay.

    Costs two queries where the row is stored, and two for each person who is new.
    """
    known = _list_named(row)
    errors: dict[str, list[ValidationError]] = {}
    for name, named in (("assignee", [row.assignee]), ("assignees", list(people or ()))):
        for person in named:
            if person is not None and person.pk not in known:
                try:
                    require_worker(person)
                except ValidationError as error:
                    errors.setdefault(name, []).append(error)
    if errors:
        raise ValidationError(errors)


def _list_named(row: Any) -> set[int | None]:
    """Return the keys of the people whom a stored row refers to."""
    if row.pk is None:
        return set()
    stored = type(row)._base_manager.filter(pk=row.pk)
    named = set(stored.values_list("assignee", flat=True))
    turns = row.assignees.values_list("pk", flat=True) if hasattr(row, "assignees") else ()
    return named | set(turns)
