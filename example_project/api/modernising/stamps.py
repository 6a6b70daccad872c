"""The stamps of the legacy system's tables."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.db import migrations
from django.db.models import SET_NULL, Value
from django.db.models.functions import Coalesce, Now, NullIf

from django_modernize.audit.pausing import untracked
from django_modernize.migrate import BackfillStamps
from django_modernize.stamps.fields import SourceStampField, TimeStampField, UserStampField

from .ledger import Ledger

__all__ = [
    "STAMPED",
    "add_stamps",
    "fill_remaining",
    "leave_stamps",
    "list_stamps",
    "require_stamps",
]

STAMPED: Final[Mapping[str, frozenset[str]]] = {
    "Property": frozenset({"created_at", "modified_at", "created_by", "modified_by"}),
    "PropertyOwnership": frozenset(),
    "Booking": frozenset(),
    "Task": frozenset({"created_at", "modified_at", "created_by", "modified_by"}),
    "TaskImage": frozenset({"created_at", "created_by"}),
    "ChecklistTemplate": frozenset(),
    "InventoryItem": frozenset(),
    "PropertyInventory": frozenset(),
    "InventoryTransaction": frozenset({"created_at", "created_by"}),
    "ScheduleTemplate": frozenset(),
    "BookingImportTemplate": frozenset(),
}
"""Model to the stamps that the legacy system had."""

BOOK: Final = "InventoryTransaction"

WHY_UNTRACKED: Final = "New columns are filled with what is known of each row."

Step = migrations.AddField | migrations.AlterField


def add_stamps(model_name: str) -> Iterator[Step]:
    """Yield what gives a model the stamps that it lacks; times may be empty for now."""
    for name, field in list_stamps(may_be_empty=True):
        known = name in STAMPED[model_name]
        step = migrations.AlterField if known else migrations.AddField
        yield step(model_name, name, field)


def require_stamps(model_name: str) -> Iterator[Step]:
    """Yield what makes the times required."""
    for name, field in list_stamps(may_be_empty=False):
        if name.endswith("_at"):
            yield migrations.AlterField(model_name, name, field)


class FillStamps(BackfillStamps):
    """Fills new stamps from the trail, which does not hear of it; backwards the columns go."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Fill them."""
        with untracked(WHY_UNTRACKED, using=schema_editor.connection.alias):
            super().database_forwards(app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Do nothing."""


def fill_remaining(ledger: Ledger) -> None:
    """Fill what neither columns nor trail told with the time of this phase."""
    # The book of the stock opens to changes that are recorded alone.
    _fill(ledger, BOOK)
    with untracked(WHY_UNTRACKED, using=ledger.using):
        for name in STAMPED.keys() - {BOOK}:
            _fill(ledger, name)


def leave_stamps(ledger: Ledger) -> None:
    """Leave what was filled: those columns are about to go."""


def _fill(ledger: Ledger, model_name: str) -> None:
    ledger.rows(model_name).order_by().update(
        created_at=Coalesce("created_at", "modified_at", Now()),
        modified_at=Coalesce("modified_at", "created_at", Now()),
        created_via=_fill_source("created_via"),
        modified_via=_fill_source("modified_via"),
    )


def _fill_source(name: str) -> Coalesce:
    return Coalesce(NullIf(name, Value("")), Value("migration"))


def list_stamps(*, may_be_empty: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield the fields of the stamps by their names."""
    for verb in ("created", "modified"):
        options: dict[str, Any] = {"on_change": True} if verb == "modified" else {}
        yield (
            f"{verb}_at",
            TimeStampField(editable=False, null=may_be_empty, verbose_name=f"{verb} at", **options),
        )
        yield (
            f"{verb}_by",
            UserStampField(
                editable=False,
                null=True,
                on_delete=SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name=f"{verb} by",
                **options,
            ),
        )
        yield (
            f"{verb}_via",
            SourceStampField(
                default="", editable=False, max_length=50, verbose_name=f"{verb} via", **options
            ),
        )
