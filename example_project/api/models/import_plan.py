"""Planned imports: what a file says, row by row, and what people decided about it.

Written by code, like the import logs: the audit trail follows what an import changes instead.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.names import name_field
from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive
from django_modernize.uploads import SPREADSHEETS, SecureFileField

from .base import HouseModel
from .booking import Booking
from .import_differences import list_differences
from .import_reasons import tell_notes, tell_problems, tell_stored
from .imports import BookingImportLog, RowOutcome
from .property import Property
from .saying_field import SayingField

__all__ = [
    "WORKBOOKS",
    "BookingImportLabel",
    "BookingImportPlan",
    "BookingImportPlanRow",
    "BookingImportTemplate",
    "DateFormat",
    "FileType",
    "LabelDecision",
    "MatchKind",
    "PlanStatus",
    "RowAction",
]

WORKBOOKS = SPREADSHEETS.replace(name="booking imports")
"""What may be imported as a workbook."""


class FileType(models.TextChoices):
    """The file formats that bookings can be imported from."""

    EXCEL = "excel", _("Excel workbook")
    CSV = "csv", _("CSV file")
    ICAL = "ical", _("calendar (iCal)")


class DateFormat(models.TextChoices):
    """How a file writes dates as text; real date cells need no format."""

    ANY = "any", _("2026-12-31 or 12/31/2026")
    ISO = "iso", _("2026-12-31")
    MONTH_FIRST = "month_first", _("12/31/2026")
    DAY_FIRST = "day_first", _("31/12/2026 or 31.12.2026")


class PlanStatus(models.TextChoices):
    """The state of an import."""

    UPLOADED = "uploaded", _("uploaded")
    PLANNING = "planning", _("being read")
    PLANNED = "planned", _("planned")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    FAILED = "failed", _("failed")
    DISCARDED = "discarded", _("discarded")


class RowAction(models.TextChoices):
    """What a person can decide about a row."""

    TAKE_FILE = "take_file", _("take the file's values")
    KEEP_OURS = "keep_ours", _("keep ours")
    CREATE = "create", _("create anyway")
    MOVE = "move", _("move to another house")
    SKIP = "skip", _("skip")


class MatchKind(models.TextChoices):
    """How the booking that a row refers to was found."""

    NONE = "", _("none")
    CODE = "code", _("by its code")
    GUEST_AND_DATES = "guest_and_dates", _("by guest and dates")
    DATES = "dates", _("by its dates")
    OVERLAP = "overlap", _("it overlaps")


class LabelDecision(models.TextChoices):
    """What to do with a label that matches no house."""

    OPEN = "open", _("to be decided")
    APPROVED = "approved", _("a new property")
    MAPPED = "mapped", _("another name of a property")


@track
class BookingImportTemplate(HouseModel):
    """How to read the files of one sender."""

    name = models.CharField(max_length=100)
    property = models.ForeignKey(
        Property,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="import_templates",
        help_text=_("The house of every row, for files that name none."),
    )
    file_type = models.CharField(
        _("type"), max_length=10, choices=FileType.choices, default=FileType.EXCEL
    )
    sheet = models.CharField(max_length=100, blank=True)
    date_format = models.CharField(
        max_length=20, choices=DateFormat.choices, default=DateFormat.ANY
    )
    column_mapping = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Which header stands for which field, where it is not the usual one."),
    )
    matches_code = models.BooleanField(_("match by code"), default=True)
    matches_guest_and_dates = models.BooleanField(_("match by guest and dates"), default=True)
    matches_dates = models.BooleanField(
        _("match by dates alone"), default=False, help_text=_("A guest's name may differ.")
    )
    makes_tasks = models.BooleanField(
        _("make tasks"), default=True, help_text=_("Let the rules for tasks see what is imported.")
    )

    class Meta:
        verbose_name = _("import template")
        ordering = ["name"]
        constraints = [UniqueAlive("name", name="import_template_name_unique")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a mapping that does not map strings to strings."""
        super().clean()
        pairs = self.column_mapping.items() if isinstance(self.column_mapping, dict) else [(0, 0)]
        if not all(isinstance(part, str) for pair in pairs for part in pair):
            raise ValidationError(
                {"column_mapping": ValidationError(_("Map fields to headers."), code="mapping")}
            )


# Its rows and labels are part of it, and are never deleted on their own.
class BookingImportPlan(models.Model):  # modernize: silence W409
    """One uploaded file of bookings, from the upload to the result."""

    file = SecureFileField(upload_to="imports", policy=WORKBOOKS, blank=True)
    text = models.TextField(
        blank=True, help_text=_("The content of a CSV file or a calendar until it is read.")
    )
    file_type = models.CharField(max_length=10, choices=FileType.choices)
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    sheet = models.CharField(max_length=100, blank=True)
    template = models.ForeignKey(
        BookingImportTemplate, models.SET_NULL, null=True, blank=True, related_name="plans"
    )
    columns = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=10, choices=PlanStatus.choices, default=PlanStatus.UPLOADED
    )
    is_all_or_nothing = models.BooleanField(_("all or nothing"), default=False)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    done_count = models.PositiveIntegerField(_("rows done"), default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error = SayingField(blank=True)
    request_id = models.UUIDField(help_text=_("The same in every audit event of the import."))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    worked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a worker was last seen at it.")
    )
    compared_event = models.BigIntegerField(
        null=True, help_text=_("The last event of the trail when the rows were compared.")
    )
    log = models.OneToOneField(
        BookingImportLog, models.SET_NULL, null=True, blank=True, related_name="plan"
    )

    class Meta:
        verbose_name = _("import plan")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["created_at"], name="import_plan_created_at"),
            models.Index(fields=["status", "worked_at"], name="import_plan_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_count__lte=F("row_count")), name="import_plan_done_of_rows"
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def percent_done(self) -> int:
        """The percentage of the current work that is done, from 0 to 100."""
        return 100 * self.done_count // self.row_count if self.row_count else 0

    @property
    def is_working(self) -> bool:
        """Whether a worker is working on it, or is about to."""
        return self.status in {PlanStatus.UPLOADED, PlanStatus.PLANNING, PlanStatus.APPLYING}


class BookingImportLabel(models.Model):
    """A label of a file that matches no house, and the decision about it."""

    plan = models.ForeignKey(BookingImportPlan, models.CASCADE, related_name="labels")
    label = models.CharField(max_length=200)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    decision = models.CharField(
        max_length=10, choices=LabelDecision.choices, default=LabelDecision.OPEN
    )
    property = models.ForeignKey(Property, models.SET_NULL, null=True, blank=True, related_name="+")
    suggestion = models.ForeignKey(
        Property, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("unknown label")
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "label"], name="import_label_unique"),
        ]

    def __str__(self) -> str:
        return self.label


class BookingImportPlanRow(models.Model):
    """What one row of the file says, what will be done with it, and what was done."""

    # Covered by two indexes below that begin with it.
    plan = models.ForeignKey(BookingImportPlan, models.CASCADE, related_name="rows", db_index=False)
    row_number = models.PositiveIntegerField(_("row"))
    values = models.JSONField(default=dict, help_text=_("What the row says, typed."))
    code = models.CharField(_("confirmation code"), max_length=100, blank=True)
    guest_name = models.CharField(max_length=200, blank=True)
    property_label = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=RowOutcome.choices)
    problems = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    encoding_changes = models.JSONField(default=dict, blank=True)
    match = models.CharField(max_length=20, choices=MatchKind.choices, blank=True)
    sureness = models.PositiveSmallIntegerField(
        default=0, help_text=_("How sure it is that the booking is the same, from 0 to 100.")
    )
    # Few rows have one of these three, at least until the plan is applied, and a full index would
    # slow down every row of a large file.
    booking = models.ForeignKey(
        "api.Booking",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="plan_rows",
        db_index=False,
    )
    action = models.CharField(max_length=10, choices=RowAction.choices, blank=True)
    taken_fields = models.JSONField(default=list, blank=True)
    target = models.ForeignKey(
        Property, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    changed_since = models.BooleanField(
        default=False, help_text=_("Somebody changed the bookings after the plan was made.")
    )
    is_applied = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("row of an import plan")
        ordering = ["row_number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "row_number"], name="import_plan_row_unique"),
            models.CheckConstraint(condition=Q(sureness__lte=100), name="import_plan_row_sureness"),
        ]
        indexes = [
            models.Index(fields=["plan", "outcome", "is_applied"], name="import_plan_row_todo"),
            models.Index(
                fields=["booking"],
                condition=Q(booking__isnull=False),
                name="import_plan_row_booking",
            ),
            models.Index(
                fields=["target"],
                condition=Q(target__isnull=False),
                name="import_plan_row_target",
            ),
            models.Index(
                fields=["decided_by"],
                condition=Q(decided_by__isnull=False),
                name="import_plan_row_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return gettext("row %(number)d: %(outcome)s") % {
            "number": self.row_number,
            "outcome": self.get_outcome_display(),
        }

    @property
    def reason(self) -> str:
        """The reason in one sentence with row and column, or the notes if nothing is wrong."""
        return tell_stored(self.row_number, self.problems, self.notes)

    @property
    def told_problems(self) -> list[dict[str, Any]]:
        """What is wrong, each problem with its message."""
        return tell_problems(self.problems)

    @property
    def told_notes(self) -> list[str]:
        """What a person should look at, as messages."""
        return tell_notes(self.notes)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """The differences, as label, the booking's value and the file's value."""
        return list_differences(self.changes)

    @property
    def takeable(self) -> list[tuple[str, str]]:
        """The fields whose value can be taken from the file, with their labels."""
        return [(name, name_field(Booking, name)) for name in self.changes]
