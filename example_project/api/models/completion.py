"""What still keeps a task from being completed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .checklist import ChecklistResponse, ItemType, TaskChecklist
from .refusals import StateRefused
from .task_choices import TaskStatus
from .task_dependency import TaskDependency
from .task_image import ImageStatus, TaskImage

__all__ = ["FINISHED", "Lack", "find_lacks", "refuse_incomplete"]

FINISHED: Final = (TaskStatus.COMPLETED, TaskStatus.CANCELLED)
"""What a task does not wait for: a cancelled one will never be done."""

TEXTS: Final = {
    "dependency": gettext_lazy("the task “%(title)s” before it"),
    "photo": gettext_lazy("a photo of “%(title)s”"),
    "blocking": gettext_lazy("“%(title)s”, which blocks everything"),
    "item": gettext_lazy("“%(title)s”"),
}

HIDDEN: Final = gettext_lazy("a task before it that you may not see")

PATH: Final = "template__items__"
ALWAYS: Final = (ItemType.PHOTO_REQUIRED, ItemType.BLOCKING)
"""The types of items that are required whatever else is said of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lack:
    """One thing that has to be done first."""

    kind: str
    """``dependency``, ``photo``, ``blocking`` or ``item``."""

    key: int
    """Of the other task, or of the item of the checklist."""

    title: str
    """Empty for a task that whoever asks may not see."""

    def __str__(self) -> str:
        if not self.title:
            return str(HIDDEN)
        return str(TEXTS[self.kind]) % {"title": self.title}


def find_lacks(task_ids: Collection[int]) -> Mapping[int, Sequence[Lack]]:
    """Return what keeps each of some tasks from being completed, by task key.

    A task that can be completed is left out. What counts: required items, required photos that
    are not rejected, blocking items, and preceding tasks that are neither completed nor cancelled.
    A preceding task that the current actor may not see has no title.

    Costs two queries, for any number of tasks, and two more if the actor's access is not loaded.
    """
    lacks: dict[int, list[Lack]] = defaultdict(list)
    if not task_ids:
        return lacks
    for task_id, key, title, is_named in _find_open_tasks(task_ids):
        lacks[task_id].append(Lack(kind="dependency", key=key, title=title if is_named else ""))
    for task_id, key, title, item_type in _find_open_items(task_ids):
        lacks[task_id].append(Lack(kind=_name_kind(item_type), key=key, title=title))
    return lacks


def refuse_incomplete(task_ids: Collection[int]) -> None:
    """Refuse to complete tasks that are not ready.

    Raises:
        StateRefused: A task is not, with the code ``incomplete``; the message says what is missing.

    Costs two queries.
    """
    for lacks in find_lacks(task_ids).values():
        missing = ", ".join(str(lack) for lack in lacks)
        raise StateRefused(
            _("The task cannot be completed yet. Missing: %(missing)s."),
            "incomplete",
            {"missing": missing},
            field="status",
        )


def _find_open_tasks(task_ids: Collection[int]) -> "QuerySet[Any, Any]":
    list_nameable = import_string(settings.ARISTAY_NAMEABLE_ROWS)
    named = list_nameable(TaskDependency._meta.get_field("needed").related_model)
    return (
        TaskDependency.objects.filter(task__in=task_ids, needed__deleted_at__isnull=True)
        .exclude(needed__status__in=FINISHED)
        .order_by("needed__due_date", "needed")
        .values_list("task", "needed", "needed__title", Exists(named.filter(pk=OuterRef("needed"))))
    )


def _find_open_items(task_ids: Collection[int]) -> Collection[tuple[int, int, str, str]]:
    same = {"checklist": OuterRef("pk"), "item": OuterRef(f"{PATH}pk")}
    answered = Exists(ChecklistResponse.objects.filter(**same, is_done=True))
    seen = {f"response__{name}": key for name, key in same.items()}
    photographed = Exists(TaskImage.objects.filter(**seen).exclude(status=ImageStatus.REJECTED))
    is_photo = Q(**{f"{PATH}item_type": ItemType.PHOTO_REQUIRED})
    is_required = Q(**{f"{PATH}item_type__in": ALWAYS}) | (
        Q(**{f"{PATH}is_required": True}) & ~Q(**{f"{PATH}item_type": ItemType.PHOTO_OPTIONAL})
    )
    rows = TaskChecklist.objects.filter(
        is_required,
        (is_photo & ~photographed) | (~is_photo & ~answered),
        task__in=task_ids,
        **{f"{PATH}deleted_at__isnull": True},
    ).order_by(f"{PATH}order", f"{PATH}pk")
    return rows.values_list("task", f"{PATH}pk", f"{PATH}title", f"{PATH}item_type")


def _name_kind(item_type: str) -> str:
    return {ItemType.PHOTO_REQUIRED: "photo", ItemType.BLOCKING: "blocking"}.get(
        ItemType(item_type), "item"
    )
