"""Permissions in words."""

from typing import Final

from django.apps import apps
from django.utils.translation import gettext_lazy

__all__ = ["name_permission"]

ACTIONS: Final = {
    "view": gettext_lazy("see: %(kind)s"),
    "add": gettext_lazy("make: %(kind)s"),
    "change": gettext_lazy("change: %(kind)s"),
    "delete": gettext_lazy("delete: %(kind)s"),
}

OTHERS: Final = {
    "api.import_bookings": gettext_lazy("import bookings"),
    "api.assign_task": gettext_lazy("assign tasks"),
    "api.view_all_tasks": gettext_lazy("see the tasks of every team"),
    "api.approve_taskimage": gettext_lazy("approve photos"),
    "api.view_reports": gettext_lazy("see reports"),
    "api.view_history": gettext_lazy("see the history"),
    "api.approve_property": gettext_lazy("approve houses that an import found"),
    "api.restore_deleted": gettext_lazy("bring back what was deleted"),
    "api.undo_import": gettext_lazy("undo imports"),
}


def name_permission(permission: str) -> str:
    """Return what a permission such as ``api.change_task`` allows people to do."""
    if permission in OTHERS:
        return str(OTHERS[permission])
    label, _dot, codename = permission.partition(".")
    action, _line, model_name = codename.partition("_")
    if action not in ACTIONS:
        return permission
    try:
        kind = apps.get_model(label, model_name)._meta.verbose_name_plural
    except LookupError:
        return permission
    return str(ACTIONS[action]) % {"kind": kind}
