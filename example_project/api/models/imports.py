"""The logs of imports. Written by code, so they are not audited."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .import_reasons import tell_stored
from .spelling import spell_moment

__all__ = ["BookingImportLog", "BookingImportRow", "RowOutcome"]


class RowOutcome(models.TextChoices):
    """What happened to one row of a workbook."""

    CREATED = "created", _("created")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")
    CONFLICT = "conflict", _("in conflict")
    REFUSED = "refused", _("refused")
    SKIPPED = "skipped", _("skipped")


# Its rows are part of it, and only the retention job deletes either.
class BookingImportLog(models.Model):  # modernize: silence W409
    """One import of a workbook."""

    file_name = models.CharField(max_length=255)
    file_digest = models.CharField("SHA-256 of the file", max_length=64)
    sheet = models.CharField(max_length=100)
    request_id = models.UUIDField(help_text=_("The same in every audit event of the import."))
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    row_count = models.PositiveIntegerField("rows")
    created_count = models.PositiveIntegerField("created", default=0)
    updated_count = models.PositiveIntegerField("updated", default=0)
    unchanged_count = models.PositiveIntegerField("unchanged", default=0)
    conflict_count = models.PositiveIntegerField("in conflict", default=0)
    refused_count = models.PositiveIntegerField("refused", default=0)
    skipped_count = models.PositiveIntegerField("skipped", default=0)
    task_count = models.PositiveIntegerField("tasks made", default=0)
    property_count = models.PositiveIntegerField("properties made", default=0)

    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "import"
        ordering = ["-imported_at", "-pk"]
        indexes = [models.Index(fields=["imported_at"], name="import_imported_at")]
        permissions = [("undo_import", "Can undo an import")]

    def __str__(self) -> str:
        return f"{self.file_name}, {spell_moment(self.imported_at)}"


class BookingImportRow(models.Model):
    """What one import has to say about one row.

    Rows that changed nothing are only counted. A booking that was created refers to its log, and
    has a row here only if something about it is worth a look.
    """

    log = models.ForeignKey(BookingImportLog, models.CASCADE, related_name="rows")
    row_number = models.PositiveIntegerField("row")
    outcome = models.CharField(max_length=10, choices=RowOutcome.choices)
    code = models.CharField("confirmation code", max_length=100, blank=True)
    guest_name = models.CharField(max_length=200, blank=True)
    property_label = models.CharField(max_length=200, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    column = models.CharField(max_length=3, blank=True)
    # Written by earlier releases; now built from the fields below, in the reader's language.
    reason = models.TextField(blank=True)
    problems = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    booking = models.ForeignKey(
        "api.Booking", models.SET_NULL, null=True, blank=True, related_name="import_rows"
    )

    class Meta:
        verbose_name = "imported row"
        ordering = ["row_number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["log", "row_number"], name="import_row_unique")
        ]

    def __str__(self) -> str:
        return gettext("row %(number)d: %(outcome)s") % {
            "number": self.row_number,
            "outcome": self.get_outcome_display(),
        }

    @property
    def told_reason(self) -> str:
        """The reason in one sentence with row and column, or the notes if nothing is wrong."""
        return self.reason or tell_stored(self.row_number, self.problems, self.notes)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """The differences, as label, the booking's value and the file's value."""
        # Avoids a circular import through bookings.
        from .import_differences import list_differences

        return list_differences(self.changes)
