"""Works out whom to notify of what a block of changes did."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q

from api.models import PropertyInventory, Task, TaskImage, User
from api.models.auth import Role
from api.models.notification import NotificationVerb
from api.models.task_image import ImageStatus
from django_modernize.audit.models import AuditAction

from .notices import Notice, merge_notices
from .trail import PHOTOS, STOCKS, TASKS, Happening

__all__ = ["gather_notices"]

FIELD_VERBS: Final = {
    "status": NotificationVerb.STATUS_CHANGED,
    "due_date": NotificationVerb.DUE_CHANGED,
    "title": NotificationVerb.TITLE_CHANGED,
    "description": NotificationVerb.DESCRIPTION_CHANGED,
}
"""What is told of which field of a task."""

SHOWN: Final = frozenset({"status", "due_date"})
"""The fields whose values are told; in the others anything may be written."""

REVIEW_VERBS: Final = {
    ImageStatus.APPROVED: NotificationVerb.PHOTO_APPROVED,
    ImageStatus.REJECTED: NotificationVerb.PHOTO_REJECTED,
}
GONE: Final = frozenset({AuditAction.DELETE, AuditAction.SOFT_DELETE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """Something to say about a task, before the recipients are known."""

    task_id: int
    verb: str
    actor_id: int | None
    is_by_machine: bool
    changes: Mapping[str, Any] = field(default_factory=dict)
    to: int | None = None
    """The one person whom it concerns; else those of the task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """The people whom a living task concerns."""

    property_id: int
    assignee: int | None
    creator: int | None


def gather_notices(happenings: Sequence[Happening]) -> list[Notice]:
    """Return the notifications to send, one per person, matter and verb.

    Whoever made a change is not notified of it, nor is anybody who muted the task. Changes by code,
    such as an import, are sent to the task's assignee and not to its creator.

    Args:
        happenings: What was done, in its order.

    Costs nothing where nobody is concerned, else at most five queries.
    """
    words = [*_list_task_words(happenings), *_list_photo_words(happenings)]
    new_ids = _find_new(happenings, TASKS)
    people = _find_people({one.task_id for one in words}, new_ids)
    words += [_tell_creation(one, people) for one in happenings if _is_handed_out(one, people)]
    muted = _find_muted(people) if words else set()
    notices = [one for word in words for one in _address_word(word, people, muted)]
    return merge_notices([*notices, *_list_stock_notices(happenings)])


def _list_task_words(happenings: Iterable[Happening]) -> Iterator[Word]:
    """Yield the changes of existing tasks, from the first old to the last new value."""
    new_ids = _find_new(happenings, TASKS)
    pairs: dict[tuple[int, str], list[Any]] = {}
    last: dict[tuple[int, str], Happening] = {}
    for one in happenings:
        if one.object_type != TASKS or one.action != AuditAction.UPDATE:
            continue
        for name, (old, new) in one.changes.items():
            if one.object_id not in new_ids:
                pairs.setdefault((one.object_id, name), [old, new])[1] = new
                last[one.object_id, name] = one
    for (task_id, name), pair in pairs.items():
        if pair[0] != pair[1]:
            yield from _say_change(task_id, name, pair, last[task_id, name])


def _say_change(task_id: int, name: str, pair: list[Any], by: Happening) -> Iterator[Word]:
    facts: dict[str, Any] = {
        "task_id": task_id,
        "actor_id": by.actor_id,
        "is_by_machine": by.is_by_machine,
    }
    if name == "assigned_to":
        for person, verb in zip(
            pair, (NotificationVerb.UNASSIGNED, NotificationVerb.ASSIGNED), strict=True
        ):
            if person is not None:
                yield Word(**facts, verb=verb, to=person)
    elif name in FIELD_VERBS:
        changes = {name: pair} if name in SHOWN else {}
        yield Word(**facts, verb=FIELD_VERBS[name], changes=changes)


def _list_photo_words(happenings: Iterable[Happening]) -> Iterator[Word]:
    told = [(one, _name_photo_verb(one)) for one in happenings if one.object_type == PHOTOS]
    kept = {one.object_id for one, verb in told if verb and one.action != AuditAction.DELETE}
    rows = TaskImage.all_objects.filter(pk__in=kept) if kept else TaskImage.objects.none()
    task_ids = dict(rows.values_list("pk", "task_id"))
    for one, verb in told:
        task_id = task_ids.get(one.object_id) or one.changes.get("task", [None])[0]
        if verb and task_id is not None:
            yield Word(
                task_id=task_id, verb=verb, actor_id=one.actor_id, is_by_machine=one.is_by_machine
            )


def _name_photo_verb(one: Happening) -> str | None:
    if one.action == AuditAction.CREATE:
        return NotificationVerb.PHOTO_ADDED
    if one.action in GONE:
        return NotificationVerb.PHOTO_DELETED
    if one.action == AuditAction.UPDATE and "status" in one.changes:
        return REVIEW_VERBS.get(one.changes["status"][1])
    return None


def _find_new(happenings: Iterable[Happening], object_type: str) -> set[int]:
    return {
        one.object_id
        for one in happenings
        if one.object_type == object_type and one.action == AuditAction.CREATE
    }


def _find_people(touched: set[int], new: set[int]) -> dict[int, People]:
    """Return whom tasks concern: of new ones, at least those that are assigned to somebody."""
    if not (touched or new):
        return {}
    concerned = Q(pk__in=touched)
    if new:
        # An import's are many, and those of others that lie between them are asked about by nobody.
        concerned |= Q(pk__range=(min(new), max(new)), assigned_to__isnull=False)
    rows = Task.objects.filter(concerned)
    found = rows.order_by().values_list(
        "pk", "property_id", "assigned_to_id", "created_by_id",
        "assigned_to__is_active", "created_by__is_active",
    )  # fmt: skip
    return {
        key: People(
            property_id=house,
            assignee=assignee if assignee_is_active else None,
            creator=creator if creator_is_active else None,
        )
        for key, house, assignee, creator, assignee_is_active, creator_is_active in found
    }


def _is_handed_out(one: Happening, people: Mapping[int, People]) -> bool:
    is_new = one.object_type == TASKS and one.action == AuditAction.CREATE
    return is_new and one.object_id in people and people[one.object_id].assignee is not None


def _tell_creation(one: Happening, people: Mapping[int, People]) -> Word:
    return Word(
        task_id=one.object_id,
        verb=NotificationVerb.CREATED,
        actor_id=one.actor_id,
        is_by_machine=one.is_by_machine,
        to=people[one.object_id].assignee,
    )


def _find_muted(people: Mapping[int, People]) -> set[tuple[int, int]]:
    rows = Task.muted_by.through._base_manager.filter(task_id__in=people)
    return set(rows.values_list("task_id", "user_id"))


def _address_word(
    word: Word, people: Mapping[int, People], muted: set[tuple[int, int]]
) -> Iterator[Notice]:
    concerned = people.get(word.task_id)
    # The task has been deleted meanwhile, or the person has left.
    if concerned is None:
        return
    everybody = {concerned.assignee, None if word.is_by_machine else concerned.creator}
    for person in {word.to} if word.to is not None else everybody:
        if person in (None, word.actor_id) or (word.task_id, person) in muted:
            continue
        yield Notice(
            recipient_id=person,
            verb=word.verb,
            matter=f"task:{word.task_id}",
            actor_id=word.actor_id,
            task_id=word.task_id,
            property_id=concerned.property_id,
            changes=word.changes,
        )


def _list_stock_notices(happenings: Iterable[Happening]) -> Iterator[Notice]:
    """Yield the notifications to managers about stocks that have to be bought."""
    short = {
        one.object_id: one
        for one in happenings
        if one.object_type == STOCKS and one.changes.get("restock_task", [None, None])[1]
    }
    if not short:
        return
    managers = User.objects.filter(
        Q(profile__role=Role.MANAGER) | Q(is_superuser=True), is_active=True
    ).values_list("pk", flat=True)
    keys = list(managers)
    rows = PropertyInventory.objects.filter(pk__in=short).values_list(
        "pk", "property_id", "restock_task_id"
    )
    for stock_id, house, task_id in rows:
        for person in keys:
            if person != short[stock_id].actor_id:
                yield Notice(
                    recipient_id=person,
                    verb=NotificationVerb.LOW_STOCK,
                    matter=f"stock:{stock_id}",
                    actor_id=short[stock_id].actor_id,
                    task_id=task_id,
                    property_id=house,
                )
