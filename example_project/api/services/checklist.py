"""Gives tasks their checklists, and records the answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import (
    ChecklistItem,
    ChecklistResponse,
    ChecklistTemplate,
    Task,
    TaskChecklist,
    TaskImage,
    User,
)
from api.models.checklist import ItemType
from api.models.refusals import StateRefused
from api.models.task_choices import TaskStatus
from api.models.task_image import ImageStatus, ImageType
from api.services.acting import acting_as, lock_task
from api.services.bulk_insert import insert_rows
from api.services.permission import get_access
from api.services.task_image import store_image

__all__ = [
    "ChecklistLine",
    "answer_item",
    "attach_checklists",
    "copy_checklist",
    "read_lines",
    "with_progress",
]

PHOTO_LIMIT: Final = 20
"""How many photos one item takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChecklistLine:
    """One item of a task's checklist, with its answer."""

    item: ChecklistItem
    response: ChecklistResponse | None
    """``None`` while nothing was noted."""

    photos: Sequence[TaskImage]

    @property
    def is_done(self) -> bool:
        """Whether the item is done; a required photo counts unless it is rejected."""
        if self.item.item_type == ItemType.PHOTO_REQUIRED:
            return any(photo.status != ImageStatus.REJECTED for photo in self.photos)
        return self.response is not None and self.response.is_done


def attach_checklists(task_ids: Collection[int]) -> int:
    """Give tasks without a checklist the newest active one of their type.

    For whoever makes tasks: rules, schedules, imports and people alike. A task has one checklist.

    Args:
        task_ids: The keys of the tasks; where a type has no active checklist they get none.

    Returns:
        How many got one.

    Costs three queries, and one more on SQLite, however many tasks.
    """
    templates = ChecklistTemplate.objects.filter(is_active=True).order_by("created_at", "pk")
    newest = dict(templates.values_list("task_type", "pk"))
    if not newest:
        return 0
    tasks = Task.objects.filter(pk__in=task_ids, task_type__in=newest).exclude(
        pk__in=TaskChecklist.objects.filter(task__in=task_ids).values("task")
    )
    rows = [
        (key, newest[kind]) for key, kind in tasks.order_by("pk").values_list("pk", "task_type")
    ]
    insert_rows(TaskChecklist(), ["task", "template"], rows, wants_keys=False)
    return len(rows)


def copy_checklist(task_id: int, other_id: int) -> TaskChecklist | None:
    """Give a task the checklist of another one, without its answers.

    Args:
        task_id: The task that has one, or none.
        other_id: The task that gets it.

    Costs two queries.
    """
    found = TaskChecklist.objects.filter(task=task_id).first()
    if found is None:
        return None
    copy: TaskChecklist = TaskChecklist.objects.create(
        task_id=other_id, template_id=found.template_id
    )
    return copy


def read_lines(task: Task) -> list[ChecklistLine]:
    """Return the items of a task's checklist, in order, with their answers.

    The caller checks permissions: whoever can see the task can see its checklist.

    Returns:
        An empty list for a task without a checklist.

    Costs four queries, however many items.
    """
    checklist = TaskChecklist.objects.filter(task=task).first()
    if checklist is None:
        return []
    photos = Prefetch("photos", TaskImage.objects.all(), to_attr="living_photos")
    responses = {
        response.item_id: response for response in checklist.responses.prefetch_related(photos)
    }
    return [
        ChecklistLine(
            item=item,
            response=responses.get(item.pk),
            photos=getattr(responses.get(item.pk), "living_photos", []),
        )
        for item in ChecklistItem.objects.filter(template=checklist.template_id)
    ]


def with_progress(tasks: "QuerySet[Task]") -> "QuerySet[Task]":
    """Annotate tasks with the number of items in their checklists, and how many are done.

    ``item_count`` and ``done_count`` are 0 where there is no checklist. The list costs no further
    query.
    """
    items = (
        ChecklistItem.objects.filter(
            template__task_checklists__task=OuterRef("pk"),
            template__task_checklists__deleted_at__isnull=True,
        )
        .order_by()
        .values("template__task_checklists__task")
        .annotate(number=Count("pk"))
        .values("number")
    )
    done = (
        ChecklistResponse.objects.filter(
            checklist__task=OuterRef("pk"),
            checklist__deleted_at__isnull=True,
            item__deleted_at__isnull=True,
            is_done=True,
        )
        .order_by()
        .values("checklist__task")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return tasks.annotate(
        item_count=Coalesce(Subquery(items), 0), done_count=Coalesce(Subquery(done), 0)
    )


def answer_item(
    *,
    actor: User,
    task: Task,
    item: ChecklistItem,
    is_done: bool | None = None,
    text: str | None = None,
    number: Decimal | str | None = None,
    photo: "File[Any] | None" = None,
    note: str | None = None,
) -> ChecklistResponse:
    """Answer one item of a task's checklist; a second answer replaces the first.

    Args:
        actor: Who found it, with ``api.change_checklistresponse`` for the task.
        task: The task, not completed yet.
        item: An item of its checklist.
        is_done: For a check or a blocking item: whether it is done.
        text: For a text: what was found; blank takes it back.
        number: For a number; an empty text takes it back.
        photo: For a photo: a file, which is judged as any upload, and added to those that are
            there.
        note: A remark on an item of any type.

    Returns:
        The one response to the item.

    Raises:
        PermissionDenied: The task is not among the actor's work.
        StateRefused: The task is completed or cancelled (``closed``).
        ValidationError: The item is none of the task's, the answer does not go with the item's
            type, or the file is refused.
    """
    answer = {"is_done": is_done, "text": text, "number": number, "photo": photo}
    given = {name: value for name, value in answer.items() if value is not None}
    _check_kind(item, given, note)
    if not get_access(actor).may("api.change_checklistresponse"):
        raise PermissionDenied(_("You may not answer checklists."))
    with acting_as(actor):
        found = lock_task(actor, task)
        _check_open(found)
        response = _find_response(found, item)
        if note is not None:
            response.note = note
        for name, value in given.items():
            NOTERS[name](response, value)
        if given:
            response.done_by = actor if response.is_done else None
            response.done_at = timezone.now() if response.is_done else None
        response.full_clean(validate_constraints=False)
        response.save()
        if photo is not None:
            _add_photo(found, response, photo, actor)
    return response


def _check_kind(item: ChecklistItem, given: Mapping[str, Any], note: str | None) -> None:
    wanted = WANTED[ItemType(item.item_type)]
    if given.keys() - {wanted} or not (given or note is not None):
        raise ValidationError(
            {wanted: ValidationError(_("This answer does not fit the type of the item."), "kind")}
        )


def _check_open(task: Task) -> None:
    if task.status in (TaskStatus.COMPLETED, TaskStatus.CANCELLED):
        raise StateRefused(
            _("The task is %(status)s: reopen it before you change its checklist."),
            "closed",
            {"status": task.get_status_display()},
        )


def _find_response(task: Task, item: ChecklistItem) -> ChecklistResponse:
    """Return the stored response, or a new one; the task is locked, so nobody else adds one."""
    checklist = TaskChecklist.objects.filter(task=task, template=item.template_id).first()
    if checklist is None or item.is_deleted:
        raise ValidationError(
            {"item": ValidationError(_("The task's checklist has no such item."), "foreign")}
        )
    stored: ChecklistResponse | None = ChecklistResponse.objects.filter(
        checklist=checklist, item=item
    ).first()
    return stored or ChecklistResponse(checklist=checklist, item=item)


def _note_done(response: ChecklistResponse, value: bool) -> None:
    response.is_done = value


def _note_text(response: ChecklistResponse, value: str) -> None:
    response.text = value.strip()
    response.is_done = bool(response.text)


def _note_number(response: ChecklistResponse, value: Decimal | str) -> None:
    response.number = None if value == "" else Decimal(0) + _read_number(value)
    response.is_done = response.number is not None


def _note_photo(response: ChecklistResponse, value: object) -> None:
    response.is_done = True


def _read_number(value: Decimal | str) -> Decimal:
    number: Decimal = ChecklistResponse._meta.get_field("number").to_python(value)
    return number


def _add_photo(
    task: Task, response: ChecklistResponse, photo: "File[Any]", actor: User
) -> TaskImage:
    if TaskImage.objects.filter(response=response).count() >= PHOTO_LIMIT:
        raise ValidationError({"photo": ValidationError(_("There are enough photos."), "many")})
    return store_image(
        task, photo, image_type=ImageType.CHECKLIST, description="", response=response
    )


NOTERS: Final[Mapping[str, Any]] = {
    "is_done": _note_done,
    "text": _note_text,
    "number": _note_number,
    "photo": _note_photo,
}
WANTED: Final[Mapping[str, str]] = {
    ItemType.CHECK: "is_done",
    ItemType.BLOCKING: "is_done",
    ItemType.TEXT: "text",
    ItemType.NUMBER: "number",
    ItemType.PHOTO_REQUIRED: "photo",
    ItemType.PHOTO_OPTIONAL: "photo",
}
"""What each type of item is answered with."""
