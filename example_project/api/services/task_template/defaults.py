"""The rules of a new company, for its administrators to change.

The active one does what was hard-coded in the legacy system's import: a cleaning one
day before each stay. The others are examples, and inactive.
"""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django.apps import apps as all_apps
from django.db import transaction

from api.models import AutoTaskTemplate, ChecklistItem, ChecklistTemplate
from api.models.checklist import ItemType
from api.models.task_choices import TaskType
from django_modernize.context import change_context

__all__ = ["DEFAULT_TEMPLATES", "provide_templates"]

CHECKLIST: Final = {
    "name": "Pre-arrival cleaning",
    "task_type": TaskType.CLEANING,
    "description": "What a guest sees first.",
}

CHECKLIST_ITEMS: Final[tuple[Mapping[str, Any], ...]] = (
    {"title": "Beds made with fresh linen", "room": "bedrooms"},
    {"title": "Towels laid out", "room": "bathrooms"},
    {"title": "Bathrooms cleaned", "room": "bathrooms"},
    {"title": "Kitchen cleaned, dishwasher and fridge empty", "room": "kitchen"},
    {"title": "Floors vacuumed and mopped"},
    {"title": "Rubbish taken out"},
    {
        "title": "Photo of the finished house",
        "item_type": ItemType.PHOTO_OPTIONAL,
        "is_required": False,
    },
)

DEFAULT_TEMPLATES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "name": "Pre-arrival Cleaning",
        "is_active": True,
        "task_type": TaskType.CLEANING,
        "anchor": "check_in",
        "offset": -1,
        "title": "Pre-arrival Cleaning - {property_name}",
    },
    {
        "name": "Turnover cleaning",
        "task_type": TaskType.CLEANING,
        "anchor": "check_out",
        "conditions": {"field": "hours_to_next", "is": "less", "value": 24},
        "title": "Turnover cleaning - {property_name}",
        "description": "{next_guest_name} comes at {next_check_in}.",
    },
    {
        "name": "Cleaning after check-out",
        "task_type": TaskType.CLEANING,
        "anchor": "check_out",
        "conditions": {"not": {"field": "hours_to_next", "is": "less", "value": 24}},
        "title": "Cleaning after check-out - {property_name}",
    },
    {
        "name": "Inspection after check-out",
        "task_type": TaskType.INSPECTION,
        "anchor": "check_out",
        "offset": 2,
        "offset_unit": "hours",
        "title": "Inspection - {property_name}",
        "description": "{guest_name} stayed from {check_in|date} to {check_out|date}.",
    },
    {
        "name": "Preparation for the owner",
        "task_type": TaskType.PREPARATION,
        "anchor": "check_in",
        "offset": -1,
        "local_time": time(9),
        "conditions": {"field": "status", "is": "equals", "value": "owner_staying"},
        "title": "Prepare {property_name} for its owner",
    },
    {
        "name": "Cot for an infant",
        "task_type": TaskType.PREPARATION,
        "anchor": "check_in",
        "offset": -1,
        "conditions": {"field": "infants", "is": "more", "value": 0},
        "title": "Cot and high chair - {property_name}",
        "description": "{infants} of the guests are infants.",
    },
    {
        "name": "Fresh linen in a long stay",
        "task_type": TaskType.LAUNDRY,
        "anchor": "check_in",
        "offset": 7,
        "local_time": time(10),
        "conditions": {"field": "nights", "is": "more", "value": 13},
        "title": "Fresh linen - {property_name}",
    },
)


def provide_templates(apps: Any = all_apps, **kwargs: Any) -> None:
    """Create the default rules, unless there have ever been rules; called after each migration.

    Args:
        apps: The models as the migrations left them, which may be half way.
        kwargs: What else Django tells of the migrations.

    Costs one query where there are rules.
    """
    models = (AutoTaskTemplate, ChecklistTemplate, ChecklistItem)
    if not all(_is_table_ready(apps, model) for model in models):
        return
    # Deleted rules count too: what an administrator has deleted does not come back.
    if AutoTaskTemplate.all_objects.exists():
        return
    with transaction.atomic(), change_context(source="migration"):
        _make_templates()


def _make_templates() -> None:
    checklist = _find_checklist()
    for order, values in enumerate(DEFAULT_TEMPLATES):
        template = AutoTaskTemplate(
            **{"subject_key": "booking", "is_active": False, "order": order, **values}
        )
        if template.is_active:
            template.checklist = checklist
        template.full_clean()
        template.save()


def _find_checklist() -> ChecklistTemplate:
    """Return the checklist of the first rule; there may be one of that name already."""
    checklist: ChecklistTemplate
    checklist, is_new = ChecklistTemplate.objects.get_or_create(
        name=CHECKLIST["name"], defaults=CHECKLIST
    )
    if is_new:
        ChecklistItem.objects.bulk_create(
            ChecklistItem(template=checklist, order=order, **item)
            for order, item in enumerate(CHECKLIST_ITEMS)
        )
    return checklist


def _is_table_ready(apps: Any, model: Any) -> bool:
    """Return whether the migrations have created a table in its current form."""
    try:
        migrated = apps.get_model(model._meta.label)
    except LookupError:
        return False
    wanted = {field.column for field in model._meta.local_concrete_fields}
    return wanted <= {field.column for field in migrated._meta.local_concrete_fields}
