"""One person's permissions, loaded once per request."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from api.models import PermissionOverride, Profile, User
from api.models.auth import Role, TaskGroup

from .matrix import DELEGATABLE, MATRIX, OF_ALL_HOUSES, RANK, UNLIMITED

__all__ = ["Access", "get_access", "list_valid_overrides", "may_have"]

CACHE_NAME = "_aristay_access"


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """A person's role, permissions and visible tasks at one moment."""

    user_id: int | None
    role: str
    task_group: str = TaskGroup.NONE
    permissions: frozenset[str] = frozenset()
    sees_team_tasks: bool = False
    sees_other_teams: bool = False

    @property
    def is_unlimited(self) -> bool:
        """Whether everything is allowed."""
        return self.role == UNLIMITED

    @property
    def rank(self) -> int:
        """The rank of the role."""
        return RANK[self.role]

    def may(self, permission: str) -> bool:
        """Return whether the person has a permission, such as ``api.change_task``."""
        return self.is_unlimited or permission in self.permissions

    def may_delegate(self, permission: str) -> bool:
        """Tell whether a permission may be handed on: one that is had, and is for handing on."""
        return permission in DELEGATABLE[self.role] and self.may(permission)

    def outranks(self, role: str) -> bool:
        """Return whether this person may change somebody with a role."""
        return self.is_unlimited or self.rank > RANK[role]


NOBODY = Access(user_id=None, role=Role.VIEWER)


def get_access(user: Any) -> Access:
    """Return a person's access.

    Args:
        user: The user; whoever is not logged in, or no longer active, may do nothing.

    Costs two queries the first time for a ``User`` object, such as that of a request, and none
    after; ``user.refresh_from_db()`` does not renew it, a new object does.
    """
    if user is None or isinstance(user, AnonymousUser) or not user.is_active:
        return NOBODY
    found: Access | None = user.__dict__.get(CACHE_NAME)
    if found is None:
        found = user.__dict__[CACHE_NAME] = _read_access(user)
    return found


def list_valid_overrides() -> QuerySet[PermissionOverride]:
    """Return the overrides that have not expired."""
    valid = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    return PermissionOverride.objects.filter(valid)


def _read_access(user: User) -> Access:
    profile = Profile.objects.filter(user_id=user.pk).first() or Profile(user_id=user.pk)
    role = Role.SUPERUSER if user.is_superuser else Role(profile.role)
    if role == Role.SUPERUSER and not user.is_superuser:
        # The flag decides, since Django and everybody who reads the table rely on it.
        role = Role.MANAGER
    return Access(
        user_id=user.pk,
        role=role,
        task_group=profile.task_group,
        permissions=MATRIX[role] if user.is_superuser else _apply_overrides(user, role),
        sees_team_tasks=profile.sees_team_tasks,
        sees_other_teams=profile.sees_other_teams,
    )


def may_have(role: str, permission: str) -> bool:
    """Return whether an override can grant a permission to somebody of a role; no query."""
    return permission not in OF_ALL_HOUSES or RANK[role] >= RANK[Role.STAFF]


def _apply_overrides(user: User, role: Role) -> frozenset[str]:
    overrides = list_valid_overrides().filter(user_id=user.pk)
    granted: set[str] = set()
    denied: set[str] = set()
    for permission, is_granted in overrides.values_list("permission", "is_granted"):
        (granted if is_granted else denied).add(permission)
    # Somebody may have been made a viewer since.
    kept = {one for one in granted if may_have(role, one)}
    return (MATRIX[role] | kept) - denied
