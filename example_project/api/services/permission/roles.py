"""Changes of roles and permissions; nobody can grant more than they may delegate."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext

from api.models import PermissionOverride, Profile, User
from api.models.auth import Role
from api.models.base import refuse_past

from .access import Access, get_access, may_have
from .matrix import ALL_PERMISSIONS, RANK

__all__ = ["grant_override", "set_role", "withdraw_override"]


def set_role(*, actor: User, user: User, role: str) -> Profile:
    """Give a person another role.

    Args:
        actor: Who does it; of a higher rank than the person's role, old and new.
        user: The person; nobody changes the own role.
        role: One of ``Role``.

    Raises:
        PermissionDenied: The actor's rank is too low.

    Costs six queries.
    """
    access = get_access(actor)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        profile, _ = Profile.objects.get_or_create(user=person)
        current = Role.SUPERUSER if person.is_superuser else profile.role
        allowed = access.may("api.change_profile") and person.pk != actor.pk
        if not (allowed and access.outranks(current) and access.outranks(role)):
            raise PermissionDenied(
                f"{actor} may not make {person} a {Role(role).label}: only somebody of a higher "
                "rank than both roles may, and nobody may for themselves."
            )
        profile.role = role
        profile.save(update_fields=["role"])
        if person.is_superuser != (role == Role.SUPERUSER):
            person.is_superuser = role == Role.SUPERUSER
            person.save(update_fields=["is_superuser"])
        # The admin admits staff; the matrix decides what they see there.
        is_staff = RANK[role] >= RANK[Role.MANAGER]
        if person.is_staff != is_staff:
            person.is_staff = is_staff
            person.save(update_fields=["is_staff"])
    return profile


def grant_override(
    *,
    actor: User,
    user: User,
    permission: str,
    is_granted: bool,
    reason: str,
    expires_at: datetime | None = None,
) -> PermissionOverride:
    """Grant or deny one permission to one person, whatever the role says.

    Args:
        actor: Who does it; of a higher rank than the person, with ``api.add_permissionoverride``
            and a permission to hand on.
        user: The person.
        permission: Such as ``api.import_bookings``.
        is_granted: Granted, or denied.
        reason: Why; it stands in the trail.
        expires_at: From when the role counts again.

    Returns:
        The override; an earlier one of the same permission is changed.

    Raises:
        PermissionDenied: The actor may not hand it on, or not to this person.
        ValidationError: There is no such permission, no reason is given, it is over, or the
            permission concerns all houses and the person is a viewer.

    Costs six queries.
    """
    if permission not in ALL_PERMISSIONS:
        words = gettext("%(name)s is no permission of AriStay.")
        raise ValidationError({"permission": words % {"name": permission}})
    if not reason.strip():
        raise ValidationError({"reason": gettext("Give a reason; it appears in the history.")})
    if expires_at is not None:
        try:
            refuse_past(expires_at)
        except ValidationError as error:
            raise ValidationError({"expires_at": error}) from error
    target = _demand_delegation(actor, user, permission)
    if is_granted and not may_have(target.role, permission):
        words = gettext("This shows every house, and a viewer sees only their own.")
        raise ValidationError({"permission": words})
    values: dict[str, Any] = {
        "is_granted": is_granted,
        "reason": reason.strip(),
        "expires_at": expires_at,
    }
    override: PermissionOverride
    override, _ = PermissionOverride.objects.update_or_create(
        user=user, permission=permission, defaults=values
    )
    return override


def withdraw_override(*, actor: User, override: PermissionOverride) -> None:
    """Remove an override, so that the role applies again.

    Args:
        actor: Who does it; one who could have granted it.
        override: What was granted or denied.

    Raises:
        PermissionDenied: The actor may not hand the permission on, or not to this person.
    """
    _demand_delegation(actor, override.user, override.permission)
    override.delete()


def _demand_delegation(actor: User, user: User, permission: str) -> Access:
    """Return the access of the person whom the permission is handed on to."""
    access = get_access(actor)
    target = get_access(User.objects.get(pk=user.pk))
    hands_on = access.may("api.add_permissionoverride") and access.may_delegate(permission)
    if not (hands_on and access.outranks(target.role)):
        raise PermissionDenied(f"{actor} may not change what {user} may do with {permission}.")
    return target
