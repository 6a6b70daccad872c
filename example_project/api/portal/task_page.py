"""The page of a task: its checklist, photos, timer and actions."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from api.models import ChecklistItem, GeneratedTask, Task, TaskImage
from api.models.checklist import ItemType
from api.models.task_choices import TaskStatus
from api.models.task_image import ImageType
from api.once import note_done
from api.services import task as task_services
from api.services.checklist import ChecklistLine, answer_item, read_lines
from api.services.permission import list_visible, may_change_object
from api.services.task_image import add_image, delete_image
from django_modernize.audit import history

from .history import read_timeline
from .pages import PortalRequest, portal_page

__all__ = [
    "add_photos",
    "answer",
    "call_manager",
    "change_status",
    "remove_photo",
    "show_task",
    "switch_mute",
    "switch_timer",
    "take",
]

VERBS: Final = {
    TaskStatus.PENDING: "undo-2",
    TaskStatus.IN_PROGRESS: "play",
    TaskStatus.COMPLETED: "circle-check",
    TaskStatus.CANCELLED: "ban",
}
"""The icon of the button that leads to a status."""

SIDES: Final = (ImageType.BEFORE, ImageType.AFTER)
"""What stands side by side, so that one sees what was done."""


@portal_page("api.view_task")
def show_task(request: PortalRequest, task_id: int) -> HttpResponse:
    """Show a task. Costs at most sixteen statements besides the frame's."""
    task = _find_task(request, task_id)
    may_read_history = request.access.may("api.view_history")
    context = _collect_work(request, task) | {
        "may_delete": request.access.may("api.delete_task"),
        "may_edit": may_change_object(request.access, "api.change_task", task),
        "may_read_history": may_read_history,
        "may_read_rules": request.access.may("api.view_autotasktemplate"),
        "may_read_schedules": request.access.may("api.view_scheduletemplate"),
        "is_muted": task.muted_by.filter(pk=request.user.pk).exists(),
        "timeline": read_timeline(history(task)[:10]) if may_read_history else None,
    }
    return render(request, "portal/tasks/task.html", context)


@portal_page("api.change_task")
@require_POST
def change_status(request: PortalRequest, task_id: int) -> HttpResponse:
    """Change the status of a task, or show what is missing."""
    task = _find_task(request, task_id)
    status = request.POST.get("status", "")
    return _act(
        request,
        task,
        lambda: task_services.set_status(actor=request.user, task=task, status=status),
    )


@portal_page("api.change_task")
@require_POST
def take(request: PortalRequest, task_id: int) -> HttpResponse:
    """Assign an unassigned task to oneself."""
    task = _find_task(request, task_id)
    return _act(request, task, lambda: task_services.assign_to_me(actor=request.user, task=task))


@portal_page("api.change_task")
@require_POST
def switch_timer(request: PortalRequest, task_id: int) -> HttpResponse:
    """Start or stop the timer of a task."""
    task = _find_task(request, task_id)
    running = task_services.find_running(request.user)
    if running is not None and running.task_id == task.pk:
        return _act(request, task, lambda: task_services.stop_timer(actor=request.user))
    return _act(request, task, lambda: task_services.start_timer(actor=request.user, task=task))


@portal_page("api.change_checklistresponse")
@require_POST
def answer(request: PortalRequest, task_id: int, item_id: int) -> HttpResponse:
    """Record the answer to an item of the checklist."""
    task = _find_task(request, task_id)
    item = get_object_or_404(ChecklistItem, pk=item_id)
    given = _read_answers(request, item)

    def note() -> None:
        for one in given:
            answer_item(actor=request.user, task=task, item=item, **one)

    # Only the item's own row is rendered again, since somebody may be checking the next one.
    return _act(request, task, note, item_id=item.pk)


@portal_page("api.add_taskimage")
@require_POST
def add_photos(request: PortalRequest, task_id: int) -> HttpResponse:
    """Add photos to a task."""
    task = _find_task(request, task_id)
    kind = request.POST.get("image_type", ImageType.GENERAL)

    stored: list[TaskImage] = []

    def add() -> None:
        refused = []
        for photo in request.FILES.getlist("photos"):
            try:
                image = add_image(actor=request.user, task=task, image=photo, image_type=kind)
                stored.append(image)
            except ValidationError as error:
                # The others are stored, so that nobody has to take a photo again.
                refused.append(f"{photo.name}: {' '.join(error.messages)}")
        if refused:
            raise ValidationError(refused)

    answer = _act(request, task, add)
    return note_done(answer, reverse("portal:task", args=[task.pk])) if stored else answer


@portal_page("api.view_taskimage")
@require_POST
def remove_photo(request: PortalRequest, task_id: int, image_id: int) -> HttpResponse:
    """Delete a photo."""
    task = _find_task(request, task_id)
    image = get_object_or_404(TaskImage, pk=image_id, task=task)
    return _act(request, task, lambda: delete_image(actor=request.user, image=image))


@portal_page("api.view_task")
@require_POST
def call_manager(request: PortalRequest, task_id: int) -> HttpResponse:
    """Notify the managers that a task needs attention."""
    task = _find_task(request, task_id)
    words = request.POST.get("message", "")
    return _act(
        request,
        task,
        lambda: task_services.notify_manager(actor=request.user, task=task, message=words),
        done=gettext("The managers are told."),
    )


@portal_page("api.view_task")
@require_POST
def switch_mute(request: PortalRequest, task_id: int) -> HttpResponse:
    """Mute or unmute a task."""
    task = _find_task(request, task_id)
    is_muted = task.muted_by.filter(pk=request.user.pk).exists()
    act = task_services.unmute_task if is_muted else task_services.mute_task
    return _act(request, task, lambda: act(actor=request.user, task=task))


def _act(
    request: PortalRequest,
    task: Task,
    act: Callable[[], Any],
    *,
    done: str = "",
    item_id: int | None = None,
) -> HttpResponse:
    """Do something, then render the updated work, or redirect to the page without htmx."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if done:
            messages.success(request, done)
    if not request.htmx:
        return redirect("portal:task", task.pk)
    context = _collect_work(request, _find_task(request, task.pk))
    if item_id is None:
        return render(request, "portal/tasks/work_done.html", context)
    lines = (line for _room, lines in context["rooms"] for line in lines)
    context["line"] = next((line for line in lines if line.item.pk == item_id), None)
    return render(request, "portal/tasks/answered.html", context)


def _find_task(request: PortalRequest, task_id: int) -> Task:
    rows: QuerySet[Any] = list_visible(request.access, Task)
    relations = ("property", "booking__property", "assigned_to", "made_by")
    made = GeneratedTask.objects.filter(task=OuterRef("pk")).values("template__name")
    told = rows.select_related(*relations).annotate(schedule_name=Subquery(made[:1]))
    task: Task = get_object_or_404(told, pk=task_id)
    return task


def _collect_work(request: PortalRequest, task: Task) -> dict[str, Any]:
    lines = read_lines(task)
    running = task_services.find_running(request.user)
    images = [one for one in task.images.all() if one.image_type != ImageType.CHECKLIST]
    may_change = may_change_object(request.access, "api.change_task", task)
    is_open = task.status not in (TaskStatus.COMPLETED, TaskStatus.CANCELLED)
    return {
        "task": task,
        "rooms": _group_by_room(lines),
        "done_count": sum(line.is_done for line in lines),
        "item_count": len(lines),
        "lacks": task_services.find_lacks([task.pk]).get(task.pk, []) if is_open else [],
        "steps": _list_steps(task) if may_change else [],
        "may_work": may_change and is_open,
        "is_free": task.assigned_to_id is None,
        "is_running": running is not None and running.task_id == task.pk,
        "running": running,
        "worked": task_services.sum_work(task),
        "pairs": _pair_images(images),
        "others": [one for one in images if one.image_type not in SIDES],
        "image_types": [one for one in ImageType.choices if one[0] != ImageType.CHECKLIST],
        "user_id": request.user.pk,
    }


def _list_steps(task: Task) -> list[dict[str, Any]]:
    """Return the buttons for the next statuses, the usual one first."""
    order = [TaskStatus.COMPLETED, TaskStatus.IN_PROGRESS, TaskStatus.PENDING, TaskStatus.CANCELLED]
    allowed = [one for one in order if one in task_services.list_next_statuses(task)]
    labels = {
        TaskStatus.COMPLETED: gettext("Done"),
        TaskStatus.IN_PROGRESS: gettext("Start"),
        TaskStatus.PENDING: gettext("Put back"),
        TaskStatus.CANCELLED: gettext("Cancel the task"),
    }
    return [{"status": one, "label": labels[one], "icon": VERBS[one]} for one in allowed]


def _group_by_room(lines: Iterable[ChecklistLine]) -> list[tuple[str, list[ChecklistLine]]]:
    rooms: dict[str, list[ChecklistLine]] = {}
    for line in lines:
        rooms.setdefault(line.item.room, []).append(line)
    return list(rooms.items())


def _pair_images(images: Iterable[TaskImage]) -> list[tuple[TaskImage | None, TaskImage | None]]:
    """Return before and after photos in pairs, in their order."""
    found = list(images)
    before, after = ([one for one in found if one.image_type == side] for side in SIDES)
    length = max(len(before), len(after))
    padded = [[*side, *[None] * (length - len(side))] for side in (before, after)]
    return list(zip(*padded, strict=True))


def _read_answers(request: PortalRequest, item: ChecklistItem) -> list[dict[str, Any]]:
    if item.item_type in (ItemType.CHECK, ItemType.BLOCKING):
        return [{"is_done": request.POST.get("done") == "1"}]
    if item.item_type == ItemType.TEXT:
        return [{"text": request.POST.get("text", "")}]
    if item.item_type == ItemType.NUMBER:
        return [{"number": request.POST.get("number", "").replace(",", ".")}]
    return [{"photo": photo} for photo in request.FILES.getlist("photos")]
