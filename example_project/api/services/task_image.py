"""Photos of tasks: adding, reviewing, deleting and restoring them."""

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import ChecklistResponse, Task, TaskImage, User
from api.models.flows import judge_steps
from api.models.task_image import ImageStatus, ImageType
from api.services.acting import acting_as, lock_task
from api.services.locking import lock_work
from api.services.permission import get_access, list_changeable, list_visible

__all__ = [
    "add_image",
    "delete_image",
    "list_next_statuses",
    "may_read_image",
    "restore_image",
    "review_images",
    "set_primary",
    "store_image",
]


def add_image(
    *,
    actor: User,
    task: Task,
    image: "File[Any]",
    image_type: str = ImageType.GENERAL,
    description: str = "",
) -> TaskImage:
    """Add a photo to a task; it waits for approval. The first of a type is its primary one.

    Args:
        actor: Who brings it, with ``api.add_taskimage`` for the task.
        task: The task.
        image: JPEG, PNG, WebP or HEIC of at most 25 MB. It is encoded anew, at most 5 MB long,
            without what the camera wrote beside the picture, such as the place.
        image_type: One of ``ImageType``; those of checklists come by ``answer_item()``.
        description: At most 300 characters.

    Raises:
        PermissionDenied: The task is not among the actor's work.
        UploadRejected: The file is refused; a ``ValidationError`` with a code.
        ValidationError: There is no such type, or the description is too long.
    """
    with acting_as(actor):
        found = lock_task(actor, task, "api.add_taskimage")
        return store_image(found, image, image_type=image_type, description=description)


def store_image(
    task: Task,
    image: "File[Any]",
    *,
    image_type: str,
    description: str,
    response: ChecklistResponse | None = None,
) -> TaskImage:
    """Store a photo of a locked task, after its existing photos.

    Costs three queries.
    """
    others = TaskImage.objects.filter(task=task)
    last = others.aggregate(last=Max("sequence"))["last"]
    row = TaskImage(
        task=task,
        response=response,
        image=image,
        image_type=image_type,
        description=description,
        sequence=0 if last is None else last + 1,
        is_primary=not others.filter(image_type=image_type, is_primary=True).exists(),
    )
    # Saving validates the file.
    row.clean_fields(exclude={"task", "response", "image"})
    row.save()
    return row


def review_images(
    *, actor: User, images: Collection[TaskImage], status: str, note: str = ""
) -> list[TaskImage]:
    """Approve, reject or archive photos, all of them or none.

    Args:
        actor: Who judges, with ``api.approve_taskimage``.
        images: The photos.
        status: One of ``ImageStatus``: pending may become approved or rejected, approved archived
            or rejected, rejected and archived any.
        note: Why, at most 300 characters; whoever brought it reads it.

    Raises:
        PermissionDenied: The actor may not judge, or does not see one of them.
        StateRefused: The status may not follow that of one of them (code ``transition``).
        ValidationError: There is no such status, or the note is too long.

    Costs some eight queries, however many photos (one more for each 500).
    """
    if status not in ImageStatus.values:
        raise ValidationError({"status": _("There is no such status.")})
    if len(note) > 300:
        raise ValidationError({"review_note": _("Say it in at most 300 characters.")})
    with acting_as(actor):
        rows = _lock_images(actor, [image.pk for image in images], "api.approve_taskimage")
        # A second review would be credited to the wrong person.
        judge_steps(TaskImage, {row.status for row in rows}, status, may_stay=False)
        for row in rows:
            row.status = status
            row.review_note = note
            row.reviewed_by = actor
            row.reviewed_at = timezone.now()
        names = ["status", "review_note", "reviewed_by", "reviewed_at"]
        TaskImage.objects.bulk_update(rows, names, batch_size=500)
    return rows


def list_next_statuses(image: TaskImage) -> list[str]:
    """Return the statuses that a photo may get, for buttons; no query."""
    allowed = TaskImage.status_flow.get(image.status, ())
    return [status.value for status in ImageStatus if status in allowed and status != image.status]


def set_primary(*, actor: User, image: TaskImage) -> TaskImage:
    """Make a photo the primary one of its type, replacing the previous one.

    Args:
        actor: Who does it, with ``api.add_taskimage`` for the task.
        image: The photo.

    Raises:
        PermissionDenied: The task is not among the actor's work.
    """
    with acting_as(actor):
        lock_task(actor, image.task, "api.add_taskimage")
        (row,) = _lock_images(actor, [image.pk], "api.add_taskimage")
        others = TaskImage.objects.filter(task=row.task_id, image_type=row.image_type)
        others.filter(is_primary=True).exclude(pk=row.pk).update(is_primary=False)
        row.is_primary = True
        row.save(update_fields=["is_primary"])
    return row


def delete_image(*, actor: User, image: TaskImage) -> None:
    """Delete a photo; its file stays until the photo is purged.

    Args:
        actor: Who does it, with ``api.delete_taskimage``; or whoever brought it, while nobody has
            judged it.
        image: The photo.

    Raises:
        PermissionDenied: The actor may not.
    """
    with acting_as(actor):
        _lock_tasks([image.pk])
        row: TaskImage | None = (
            list_visible(get_access(actor), TaskImage)
            .select_for_update(of=("self",), no_key=True)
            .filter(pk=image.pk)
            .first()
        )
        if row is None or not (
            get_access(actor).may("api.delete_taskimage")
            or (row.created_by_id == actor.pk and row.status == ImageStatus.PENDING)
        ):
            raise PermissionDenied(_("You may not delete this photo."))
        row.delete()


def restore_image(*, actor: User, image: TaskImage) -> TaskImage:
    """Restore a deleted photo, with its file; another primary photo stays primary.

    Args:
        actor: Who does it, with ``api.restore_deleted``.
        image: The deleted photo.

    Raises:
        PermissionDenied: The actor may not, or does not see the photo's task.
        RestoreConflict: Its task is deleted.
    """
    access = get_access(actor)
    with acting_as(actor):
        _lock_tasks([image.pk])
        seen = list_visible(access, TaskImage, manager="deleted_objects").filter(pk=image.pk)
        row: TaskImage | None = seen.select_for_update(of=("self",), no_key=True).first()
        if row is None or not access.may("api.restore_deleted"):
            raise PermissionDenied(_("You may not bring back what was deleted."))
        others = TaskImage.objects.filter(task=row.task_id, image_type=row.image_type)
        if row.is_primary and others.filter(is_primary=True).exists():
            row.is_primary = False
            row.save(update_fields=["is_primary"])
        row.restore()
    return row


def may_read_image(request: HttpRequest, image: TaskImage) -> bool:
    """Return whether the user may see a photo, that is, its task.

    Costs one query, and two for a user whose access was not asked for yet.
    """
    seen = list_visible(get_access(request.user), TaskImage)
    return seen.filter(pk=image.pk).exists()


def _lock_tasks(image_ids: Collection[int]) -> None:
    """Lock the tasks of photos before the photos, since people are notified about tasks."""
    lock_work(Task._base_manager.filter(images__in=image_ids).values("pk"))


def _lock_images(actor: User, keys: Sequence[int], permission: str) -> list[TaskImage]:
    wanted = set(keys)
    _lock_tasks(wanted)
    changeable = list_changeable(get_access(actor), permission, TaskImage).values("pk")
    rows = TaskImage.objects.filter(pk__in=wanted).filter(pk__in=changeable).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True))
    if len(found) < len(wanted):
        raise PermissionDenied(_("You may not do this to a photo that is not of your work."))
    return found
