"""Which rows a person can see, and which of them they may change."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import Model, Q, QuerySet

from api.models import (
    Booking,
    CalendarFeed,
    CalendarShare,
    ChecklistResponse,
    Document,
    InventoryTransaction,
    LostFoundItem,
    LostFoundPhoto,
    Notification,
    PermissionOverride,
    Profile,
    Property,
    PropertyAlias,
    PropertyInventory,
    PropertyOwnership,
    ScheduleTemplate,
    Task,
    TaskChecklist,
    TaskDependency,
    TaskImage,
    User,
)
from api.models.auth import Role, TaskGroup
from api.models.document import Audience
from api.models.task_choices import TaskType

from .access import Access
from .matrix import RANK

__all__ = ["TEAM_TYPES", "list_changeable", "list_visible", "may_change_object", "sees_all"]

TEAM_TYPES: Final[Mapping[str, frozenset[str]]] = {
    TaskGroup.CLEANING: frozenset({TaskType.CLEANING, TaskType.PREPARATION}),
    TaskGroup.MAINTENANCE: frozenset({TaskType.MAINTENANCE, TaskType.INSPECTION}),
    TaskGroup.LAUNDRY: frozenset({TaskType.LAUNDRY}),
    TaskGroup.LAWN_POOL: frozenset({TaskType.LAWN_POOL}),
    TaskGroup.GENERAL: frozenset(
        {TaskType.ADMINISTRATION, TaskType.INSPECTION, TaskType.PREPARATION, TaskType.OTHER}
    ),
    TaskGroup.NONE: frozenset(),
}
"""Which work is whose."""

HOUSE_PATHS: Final[Mapping[type[Model], str]] = {
    Property: "",
    PropertyAlias: "property",
    PropertyOwnership: "property",
    Booking: "property",
    CalendarFeed: "property",
    CalendarShare: "property",
    Document: "property",
    PropertyInventory: "property",
    InventoryTransaction: "inventory__property",
    LostFoundItem: "property",
    LostFoundPhoto: "item__property",
    ScheduleTemplate: "property",
}
"""The way from a row to its house, for what is seen with the house."""

TASK_PATHS: Final[Mapping[type[Model], str]] = {
    Task: "",
    TaskImage: "task",
    TaskChecklist: "task",
    TaskDependency: "task",
    ChecklistResponse: "checklist__task",
}
"""The way from a row to its task, for what is seen with the task."""


def list_visible(access: Access, model: type[Model], *, manager: str = "objects") -> QuerySet[Any]:
    """Return the rows of a model that a person can see.

    Args:
        access: The person's access.
        model: Any of AriStay's models.
        manager: Which rows at all: ``objects``, ``all_objects`` or ``deleted_objects``.

    Costs nothing itself; the conditions are subqueries, whatever the number of houses.
    """
    rows: QuerySet[Any] = getattr(model, manager).all()
    return rows if access.is_unlimited else rows.filter(_narrow(access, model))


def sees_all(access: Access, model: type[Model]) -> bool:
    """Return whether a person can see every row of a model. Costs nothing."""
    return access.is_unlimited or not _narrow(access, model)


def list_changeable(
    access: Access, permission: str, model: type[Model], *, manager: str = "objects"
) -> QuerySet[Any]:
    """Return the rows of a model for which a person has a permission other than viewing.

    Permissions that come from owning a house, or from ranks, are not included.

    Args:
        access: The person's access.
        permission: Such as ``api.change_task``.
        model: Any of AriStay's models.
        manager: As of :func:`list_visible`.

    Costs nothing itself.
    """
    seen = list_visible(access, model, manager=manager)
    if not access.may(permission):
        return seen.none()
    if model in TASK_PATHS and not access.may("api.view_all_tasks"):
        return seen.filter(_of_own_work(access, TASK_PATHS[model]))
    return seen


def may_change_object(access: Access, permission: str, row: Model) -> bool:
    """Return whether a person has a permission other than viewing for a row.

    Args:
        access: The person's access.
        permission: Such as ``api.change_task``.
        row: A stored row.

    Costs one or two queries.
    """
    model = type(row)
    if access.is_unlimited:
        return True
    if access.may(permission):
        seen = list_changeable(access, permission, model, manager=_widest_manager(model))
        if isinstance(row, PermissionOverride):
            return access.user_id != row.user_id and seen.filter(pk=row.pk).exists()
        if isinstance(row, User | Profile):
            return seen.filter(pk=row.pk).exists() and _outranks(access, row)
        return seen.filter(pk=row.pk).exists()
    return permission in EDITABLE_BY_OWNERS and _edits_house(access, row)


def _narrow(access: Access, model: type[Model]) -> Q:
    """Return the condition for the rows that a person can see; empty if they can see all."""
    if access.user_id is None or not access.may(f"api.view_{model._meta.model_name}"):
        return Q(user=access.user_id) if _is_own(model, access) else Q(pk__in=[])
    narrow = NARROWERS.get(model)
    if narrow is not None:
        return narrow(access)
    if model in HOUSE_PATHS:
        return _in_seen_houses(access, HOUSE_PATHS[model])
    if model in TASK_PATHS:
        return _of_seen_tasks(access, TASK_PATHS[model])
    return Q()


EDITABLE_BY_OWNERS: Final = frozenset({"api.change_property", "api.change_booking"})
"""What an ownership that can edit allows in its houses, whatever the role says."""


def _is_own(model: type[Model], access: Access) -> bool:
    return model is Profile and access.user_id is not None


def _widest_manager(model: type[Model]) -> str:
    return "all_objects" if hasattr(model, "all_objects") else "objects"


def _in_seen_houses(access: Access, path: str) -> Q:
    """Staff and managers can see every house, viewers only houses that they are related to."""
    if access.rank >= RANK[Role.STAFF]:
        return Q()
    owned = PropertyOwnership.objects.filter(user=access.user_id).values("property_id")
    return Q(**{f"{path}__in" if path else "pk__in": owned})


def _of_seen_tasks(access: Access, path: str) -> Q:
    if access.may("api.view_all_tasks"):
        return Q()
    prefix = f"{path}__" if path else ""
    if access.rank < RANK[Role.STAFF]:
        return _in_seen_houses(access, f"{prefix}property")
    own = _of_own_work(access, path)
    if access.sees_other_teams:
        return Q()
    return own


def _of_own_work(access: Access, path: str) -> Q:
    """Tasks assigned to the person, or to nobody but for their team."""
    prefix = f"{path}__" if path else ""
    own = Q(**{f"{prefix}assigned_to": access.user_id})
    if access.sees_team_tasks:
        own |= Q(**{f"{prefix}task_type__in": sorted(TEAM_TYPES[access.task_group])})
    return own


def _see_people(access: Access, person: str, profile: str) -> Q:
    """Managers can see themselves and people of a lower rank."""
    below = [role for role, rank in RANK.items() if rank < access.rank]
    return Q(**{f"{person}pk": access.user_id}) | Q(
        **{f"{profile}role__in": below, f"{person}is_superuser": False}
    )


def _see_documents(access: Access) -> Q:
    """Documents are visible with their house, to those they are for."""
    if access.rank >= RANK[Role.MANAGER]:
        return Q()
    audiences = [Audience.OWNERS]
    if access.rank >= RANK[Role.STAFF]:
        audiences.append(Audience.STAFF)
    return _in_seen_houses(access, HOUSE_PATHS[Document]) & Q(audience__in=audiences)


NARROWERS: Final[Mapping[type[Model], Callable[[Access], Q]]] = {
    User: lambda access: _see_people(access, "", "profile__"),
    Profile: lambda access: _see_people(access, "user__", ""),
    PermissionOverride: lambda access: _see_people(access, "user__", "user__profile__"),
    Notification: lambda access: Q(recipient=access.user_id),
    Document: _see_documents,
}


def _outranks(access: Access, row: User | Profile) -> bool:
    user_id = row.pk if isinstance(row, User) else row.user_id
    if user_id == access.user_id:
        return True
    profile = Profile.objects.filter(user_id=user_id, user__is_superuser=False).first()
    return profile is not None and access.outranks(profile.role)


def _edits_house(access: Access, row: Model) -> bool:
    path = HOUSE_PATHS.get(type(row))
    if path is None or access.user_id is None:
        return False
    house_id = row.pk if not path else getattr(row, f"{path}_id", None)
    return PropertyOwnership.objects.filter(
        user=access.user_id, property=house_id, can_edit=True
    ).exists()
