"""What people do with rules: change, switch on and off, and run again."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from api.models import AutoTaskTemplate, Task, User
from api.services.changes import making_changes
from api.services.locking import lock_rules_of_bookings
from api.services.permission import (
    get_access,
    list_visible,
    may_change_object,
    require_new_workers,
)
from django_modernize.autotasks import Action
from django_modernize.autotasks.models import ChangePolicy
from django_modernize.autotasks.running import run_subject

from .registration import OPEN

__all__ = ["list_rules", "run_rule", "save_rule", "switch_rule"]


def list_rules(*, actor: User) -> QuerySet[AutoTaskTemplate]:
    """Return the rules that a person can see, each with ``open_tasks``, the count of open ones.

    Costs one statement.
    """
    made = Task.objects.filter(OPEN, made_by=OuterRef("pk")).order_by().values("made_by")
    count = Subquery(made.annotate(count=Count("pk")).values("count"), IntegerField())
    rules: QuerySet[AutoTaskTemplate] = list_visible(get_access(actor), AutoTaskTemplate)
    return rules.annotate(open_tasks=Coalesce(count, 0)).order_by("order", "name", "pk")


def save_rule(
    *, actor: User, rule: AutoTaskTemplate, assignees: Iterable[User] | None = None
) -> Mapping[Action, int]:
    """Store a rule, and do what its preview showed.

    Args:
        actor: Who makes or changes it.
        rule: A new one, or a stored one with what is to be changed.
        assignees: The people who take turns; without it, those it has.

    Returns:
        How many tasks were made, moved and so on; nothing of a rule that failed, which says why.

    Raises:
        PermissionDenied: The actor may not.
        ValidationError: The rule cannot be understood, or it gives work to somebody new who may
            not do it (``no_worker``, by field).

    Costs some twenty queries, whatever the number of bookings below 10,000.
    """
    permission = "api.add_autotasktemplate" if rule.pk is None else "api.change_autotasktemplate"
    _refuse_unless_allowed(actor, permission, rule)
    people = None if assignees is None else list(assignees)
    with making_changes():
        lock_rules_of_bookings()
        rule.full_clean()
        require_new_workers(rule, people)
        rule.save()
        if people is not None:
            rule.assignees.set(people)
        return _run(rule)


def switch_rule(
    *, actor: User, rule: AutoTaskTemplate, is_active: bool, policy: str = ""
) -> Mapping[Action, int]:
    """Switch a rule on or off.

    Args:
        actor: Who does it.
        rule: The rule.
        is_active: Whether it makes tasks from now on.
        policy: A ``ChangePolicy``: what becomes of its open tasks; without it, what the rule says.

    Returns:
        How many tasks were made, cancelled and so on.

    Raises:
        PermissionDenied: The actor may not.

    Costs as :func:`save_rule`.
    """
    rule.is_active = is_active
    if policy in ChangePolicy.values:
        rule.change_policy = policy
    return save_rule(actor=actor, rule=rule)


def run_rule(*, actor: User, rule: AutoTaskTemplate) -> Mapping[Action, int]:
    """Run a rule for all bookings, for example after it has failed.

    Returns:
        How many tasks were made, moved and so on.

    Raises:
        PermissionDenied: The actor may not.

    Costs some fifteen queries, whatever the number of bookings below 10,000.
    """
    _refuse_unless_allowed(actor, "api.change_autotasktemplate", rule)
    with making_changes():
        return _run(rule)


def _run(rule: AutoTaskTemplate) -> Mapping[Action, int]:
    counts: Mapping[Action, int] = run_subject(rule.subject, templates=[rule])
    rule.refresh_from_db(fields=["failed_at", "error", "version"])
    return counts


def _refuse_unless_allowed(actor: User, permission: str, rule: Any) -> None:
    access = get_access(actor)
    is_allowed = (
        access.may(permission) if rule.pk is None else may_change_object(access, permission, rule)
    )
    if not is_allowed:
        raise PermissionDenied(_("You may not change rules."))
