"""Changes of people by others."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from api.models import User
from api.services.changes import making_changes
from api.services.permission import get_access

from .tokens import revoke_tokens

__all__ = ["change_person", "deactivate_person", "reactivate_person"]

CHANGEABLE: Final = ("username", "first_name", "last_name", "email")


def change_person(*, actor: User, user: User, **values: Any) -> User:
    """Change a person's names and address.

    Args:
        actor: Who does it; the person, or somebody of a higher rank, who may change people.
        user: The person.
        **values: The fields to change: username, first_name, last_name or email.

    Raises:
        PermissionDenied: The actor may not.
        ValidationError: A value is refused.
    """
    _demand_rank(actor, user, may_be_oneself=True)
    unknown = set(values) - {*CHANGEABLE}
    if unknown:
        raise TypeError(f"change_person() does not change {', '.join(sorted(unknown))}.")
    for name, value in values.items():
        setattr(user, name, value)
    user.full_clean(exclude=["password"])
    with making_changes():
        user.save(update_fields=[*values])
    return user


def deactivate_person(*, actor: User, user: User) -> User:
    """Deactivate a person: sessions and tokens end at once; the person's rows stay.

    Raises:
        PermissionDenied: The actor is not of a higher rank, or is the person.
    """
    return _set_active(actor, user, is_active=False)


def reactivate_person(*, actor: User, user: User) -> User:
    """Reactivate a person.

    Raises:
        PermissionDenied: The actor is not of a higher rank, or is the person.
    """
    return _set_active(actor, user, is_active=True)


def _set_active(actor: User, user: User, *, is_active: bool) -> User:
    _demand_rank(actor, user, may_be_oneself=False)
    with making_changes():
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        if not is_active:
            revoke_tokens(user)
    return user


def _demand_rank(actor: User, user: User, *, may_be_oneself: bool) -> None:
    is_oneself = actor.pk == user.pk
    if is_oneself and not may_be_oneself:
        raise PermissionDenied(_("You cannot do this to yourself."))
    # A new object, since permissions do not depend on being active.
    target = get_access(User(pk=user.pk, is_superuser=user.is_superuser))
    allowed = get_access(actor).may("api.change_user")
    if not allowed or not (is_oneself or get_access(actor).outranks(target.role)):
        raise PermissionDenied(
            _("%(actor)s may not change %(user)s: only somebody of a higher rank may.")
            % {"actor": actor, "user": user}
        )
