"""Describes a notification in one line."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from api.models import Notification
from api.models.task_choices import TaskStatus

__all__ = ["describe_notice"]


def describe_notice(notice: Notification) -> str:
    """Return one line, in the active language and by the active clock.

    It names the task and the house, and nobody's contact.

    >>> describe_notice(notice)  # doctest: +SKIP
    'Clean, Owl Point: due date changed to Dec. 18, 2026, noon'

    Args:
        notice: The notice with its task and house.

    Costs nothing where both are loaded.
    """
    about = ", ".join(str(one) for one in (notice.task, notice.property) if one is not None)
    what = str(notice.get_verb_display())
    new = _show_change(notice)
    if new:
        what = _("%(what)s to %(new)s") % {"what": what, "new": new}
    if notice.count > 1:
        what = _("%(what)s (%(count)s times)") % {"what": what, "count": notice.count}
    return f"{about}: {what}" if about else what


def _show_change(notice: Notification) -> str:
    changes = notice.changes
    if "status" in changes:
        value = changes["status"][1]
        return str(dict(TaskStatus.choices).get(value, value))
    instant = _read_instant(changes["due_date"][1]) if "due_date" in changes else None
    return "" if instant is None else formats.date_format(instant, "DATETIME_FORMAT")


def _read_instant(text: str | None) -> datetime | None:
    instant = parse_datetime(text) if text else None
    return None if instant is None else timezone.localtime(instant)
