"""Photos of finished and of damaged rooms, judged and encoded anew like anybody's."""

from random import Random
from typing import TYPE_CHECKING, Final

from django.core.files.base import ContentFile
from django.utils import timezone

from api.models import Task, TaskImage
from api.models.task_choices import TaskStatus, TaskType
from api.models.task_image import ImageStatus, ImageType
from django_modernize.context import change_context

from .pictures import draw_room

if TYPE_CHECKING:
    from .company import Company

__all__ = ["add_photographs"]

TASK_COUNT: Final = 12
REVIEWS: Final = (
    ImageStatus.APPROVED,
    ImageStatus.APPROVED,
    ImageStatus.PENDING,
    ImageStatus.REJECTED,
)


def add_photographs(company: "Company") -> None:
    """Add a photo before and one after to the last tasks that are done, and some of damage."""
    cleaned = Task.objects.filter(status=TaskStatus.COMPLETED, task_type=TaskType.CLEANING)
    done = cleaned.exclude(property=company.sold)
    for number, task in enumerate(done.order_by("-due_date", "pk")[:TASK_COUNT]):
        with change_context(actor=task.assigned_to):
            for image_type in (ImageType.BEFORE, ImageType.AFTER):
                _add_photograph(company, task, image_type, number)
    damaged = Task.objects.filter(task_type=TaskType.MAINTENANCE).order_by("pk")[:3]
    for number, task in enumerate(damaged):
        with change_context(actor=company.people["emil"]):
            _add_photograph(company, task, ImageType.DAMAGE, number)


def _add_photograph(company: "Company", task: Task, image_type: ImageType, number: int) -> None:
    status = REVIEWS[number % len(REVIEWS)]
    photo = TaskImage(
        task=task,
        image=ContentFile(
            # One room, before and after.
            draw_room(Random(number), is_tidy=image_type == ImageType.AFTER),  # noqa: S311
            name=f"{image_type}.jpg",
        ),
        image_type=image_type,
        sequence=1 if image_type == ImageType.AFTER else 0,
        is_primary=True,
        description=f"{task.property}, {image_type.label}",
        status=status,
    )
    if status != ImageStatus.PENDING:
        photo.reviewed_by, photo.reviewed_at = company.people["maria"], timezone.now()
    if status == ImageStatus.REJECTED:
        photo.review_note = "Too dark; please take it again."
    photo.save()
