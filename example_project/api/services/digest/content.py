"""The content of digests, loaded for all recipients at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db.models import Count

from api.models import Notification, Task, User
from api.models.task_choices import TaskStatus

from .mornings import find_day

__all__ = ["OPEN", "Digest", "read_digests"]

OPEN: Final = (TaskStatus.PENDING, TaskStatus.WAITING_DEPENDENCY, TaskStatus.IN_PROGRESS)

MOST_LINES: Final = 50
"""How many tasks a mail lists of each kind; it says how many more there are."""


@dataclass(kw_only=True, slots=True)
class Digest:
    """The digest of one person."""

    user: User
    day: date
    overdue: list[Task] = field(default_factory=list)
    """Assigned tasks that were due before today."""
    today: list[Task] = field(default_factory=list)
    """Assigned tasks that are due today, by the person's clock."""
    overdue_count: int = 0
    today_count: int = 0
    unread_count: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.overdue_count or self.today_count or self.unread_count)

    @property
    def more_count(self) -> int:
        """How many tasks are left out of the list."""
        return self.overdue_count + self.today_count - len(self.overdue) - len(self.today)


def read_digests(people: Sequence[User], days: Mapping[str, date]) -> list[Digest]:
    """Return the digest of each person.

    Args:
        people: Users with their profile.
        days: What day it is in their zones.

    Costs two queries, however many people and tasks there are.
    """
    digests = {one.pk: Digest(user=one, day=days[one.profile.time_zone]) for one in people}
    if not digests:
        return []
    bounds = {key: find_day(one.day, one.user.profile.time_zone) for key, one in digests.items()}
    for task in _find_tasks(digests, max(end for _start, end in bounds.values())):
        key, due = task.assigned_to_id, task.due_date
        if key is not None and due is not None and due < bounds[key][1]:
            _add_task(digests[key], task, is_overdue=due < bounds[key][0])
    for key, number in _count_unread(digests):
        digests[key].unread_count = number
    return list(digests.values())


def _find_tasks(keys: Collection[int], end: datetime) -> "Sequence[Task]":
    rows = Task.objects.filter(assigned_to__in=keys, status__in=OPEN, due_date__lt=end)
    rows = rows.select_related("property").only(
        "title", "due_date", "assigned_to", "property__name", "property__time_zone"
    )
    return list(rows.order_by("due_date", "pk"))


def _add_task(digest: Digest, task: Task, *, is_overdue: bool) -> None:
    tasks = digest.overdue if is_overdue else digest.today
    if is_overdue:
        digest.overdue_count += 1
    else:
        digest.today_count += 1
    if len(tasks) < MOST_LINES:
        tasks.append(task)


def _count_unread(keys: Collection[int]) -> "Sequence[tuple[int, int]]":
    unread = Notification.objects.filter(recipient__in=keys, read_at__isnull=True).order_by()
    return list(unread.values_list("recipient").annotate(number=Count("pk")))
