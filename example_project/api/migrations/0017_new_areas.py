"""What AriStay has beside the legacy system, and the last touches to its tables."""

import datetime
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import api.models.base
import django_modernize.integrity
import django_modernize.stamps.fields
import django_modernize.uploads.fields
from api.modernising.reshape import Reshape


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0016_imports"),
    ]

    operations = [
        Reshape(
            migrations.CreateModel(
                name="AutoTaskRecord",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("subject_key", models.CharField(max_length=50)),
                    ("subject_id", models.CharField(max_length=100)),
                    ("occurrence", models.CharField(blank=True, max_length=100)),
                    ("template_version", models.PositiveIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[("open", "made"), ("cancelled", "cancelled with its subject")],
                            default="open",
                            max_length=10,
                        ),
                    ),
                    ("inputs", models.CharField(blank=True, max_length=32)),
                    ("due_at", models.DateTimeField(null=True)),
                    ("reason", models.JSONField(default=dict)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("changed_at", models.DateTimeField(auto_now=True)),
                    (
                        "task",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="auto_task_records",
                            to="api.task",
                        ),
                    ),
                    (
                        "template",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="records",
                            to="api.autotasktemplate",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "record of a task template",
                    "abstract": False,
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("template", "subject_key", "subject_id", "occurrence"),
                            name="api_autotaskrecord_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="AutoTaskTemplate",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("name", models.CharField(max_length=100, verbose_name="name")),
                    ("is_active", models.BooleanField(default=True, verbose_name="active")),
                    ("order", models.PositiveIntegerField(default=0, verbose_name="order")),
                    ("subject_key", models.CharField(max_length=50, verbose_name="about")),
                    (
                        "trigger",
                        models.CharField(
                            choices=[
                                ("created", "it exists"),
                                ("by_date", "its day comes near"),
                                ("changed", "it is changed"),
                                ("cancelled", "it is cancelled"),
                                ("deleted", "it is deleted"),
                                ("restored", "it is restored"),
                                ("by_hand", "somebody asks for it"),
                            ],
                            default="created",
                            max_length=20,
                            verbose_name="when",
                        ),
                    ),
                    (
                        "watched_fields",
                        models.JSONField(
                            blank=True,
                            default=list,
                            help_text="Which changes count; without any, each one.",
                            verbose_name="watched fields",
                        ),
                    ),
                    (
                        "conditions",
                        models.JSONField(blank=True, default=dict, verbose_name="conditions"),
                    ),
                    ("anchor", models.CharField(max_length=50, verbose_name="counted from")),
                    (
                        "offset",
                        models.IntegerField(
                            default=0,
                            help_text="Negative before, positive after.",
                            verbose_name="offset",
                        ),
                    ),
                    (
                        "offset_unit",
                        models.CharField(
                            choices=[("hours", "hours"), ("days", "days")],
                            default="days",
                            max_length=10,
                            verbose_name="in",
                        ),
                    ),
                    (
                        "local_time",
                        models.TimeField(
                            blank=True,
                            help_text="By the clock of the place; without it that of the anchor.",
                            null=True,
                            verbose_name="time of day",
                        ),
                    ),
                    (
                        "horizon_days",
                        models.PositiveIntegerField(
                            default=14,
                            help_text="How long before it is due a task is made, where its day has to come near.",
                            verbose_name="days ahead",
                        ),
                    ),
                    ("title", models.CharField(max_length=200, verbose_name="title")),
                    ("description", models.TextField(blank=True, verbose_name="description")),
                    (
                        "valid_from",
                        models.DateField(blank=True, null=True, verbose_name="valid from"),
                    ),
                    (
                        "valid_until",
                        models.DateField(blank=True, null=True, verbose_name="valid until"),
                    ),
                    (
                        "skip_past",
                        models.BooleanField(
                            default=True,
                            help_text="No task whose time has passed when it would be made.",
                            verbose_name="not for the past",
                        ),
                    ),
                    (
                        "change_policy",
                        models.CharField(
                            choices=[
                                ("leave", "leave them as they are"),
                                ("update", "bring them in line"),
                            ],
                            default="update",
                            max_length=10,
                            verbose_name="open tasks, when this is changed",
                        ),
                    ),
                    (
                        "runs_after_commit",
                        models.BooleanField(
                            default=False,
                            help_text="After the change is stored, by a worker; else together with it.",
                            verbose_name="in the background",
                        ),
                    ),
                    (
                        "turn",
                        models.PositiveIntegerField(
                            default=0, editable=False, verbose_name="turns taken"
                        ),
                    ),
                    (
                        "version",
                        models.PositiveIntegerField(
                            default=1, editable=False, verbose_name="version"
                        ),
                    ),
                    (
                        "failed_at",
                        models.DateTimeField(
                            blank=True, editable=False, null=True, verbose_name="failed at"
                        ),
                    ),
                    (
                        "error",
                        models.TextField(
                            blank=True, editable=False, verbose_name="what went wrong"
                        ),
                    ),
                    (
                        "task_type",
                        models.CharField(
                            choices=[
                                ("administration", "administration"),
                                ("cleaning", "cleaning"),
                                ("maintenance", "maintenance"),
                                ("laundry", "laundry"),
                                ("lawn_pool", "lawn and pool"),
                                ("inspection", "inspection"),
                                ("preparation", "preparation"),
                                ("other", "other"),
                            ],
                            default="cleaning",
                            max_length=20,
                        ),
                    ),
                    (
                        "assignee",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "assignees",
                        models.ManyToManyField(
                            blank=True,
                            help_text="Each new task goes to the next of them; without any, to the assignee.",
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="people who take turns",
                        ),
                    ),
                    (
                        "checklist",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="api.checklisttemplate",
                        ),
                    ),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "task template",
                    "ordering": ["order", "name"],
                    "abstract": False,
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("valid_from__isnull", True),
                                ("valid_until__isnull", True),
                                ("valid_until__gte", models.F("valid_from")),
                                _connector="OR",
                            ),
                            name="api_autotasktemplate_valid_in_order",
                        )
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="BookingImportLabel",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("label", models.CharField(max_length=200)),
                    ("row_count", models.PositiveIntegerField(default=0, verbose_name="rows")),
                    (
                        "decision",
                        models.CharField(
                            choices=[
                                ("open", "to be decided"),
                                ("approved", "a new property"),
                                ("mapped", "another name of a property"),
                            ],
                            default="open",
                            max_length=10,
                        ),
                    ),
                    (
                        "decided_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "property",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="api.property",
                        ),
                    ),
                    (
                        "suggestion",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="api.property",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="labels",
                            to="api.bookingimportplan",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "unknown label",
                    "ordering": ["label"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("plan", "label"), name="import_label_unique"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="BookingImportPlan",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "file",
                        django_modernize.uploads.fields.SecureFileField(
                            blank=True, upload_to="imports"
                        ),
                    ),
                    (
                        "text",
                        models.TextField(
                            blank=True, help_text="The content of a CSV file until it is read."
                        ),
                    ),
                    (
                        "file_type",
                        models.CharField(
                            choices=[
                                ("excel", "Excel workbook"),
                                ("csv", "CSV file"),
                                ("ical", "calendar (iCal)"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("file_name", models.CharField(max_length=255)),
                    (
                        "file_digest",
                        models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
                    ),
                    ("sheet", models.CharField(blank=True, max_length=100)),
                    ("columns", models.JSONField(blank=True, default=dict)),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("uploaded", "uploaded"),
                                ("planning", "being read"),
                                ("planned", "planned"),
                                ("applying", "being applied"),
                                ("applied", "applied"),
                                ("failed", "failed"),
                                ("discarded", "discarded"),
                            ],
                            default="uploaded",
                            max_length=10,
                        ),
                    ),
                    (
                        "is_all_or_nothing",
                        models.BooleanField(default=False, verbose_name="all or nothing"),
                    ),
                    ("row_count", models.PositiveIntegerField(default=0, verbose_name="rows")),
                    (
                        "done_count",
                        models.PositiveIntegerField(default=0, verbose_name="rows done"),
                    ),
                    ("error_code", models.CharField(blank=True, max_length=40)),
                    ("error", models.TextField(blank=True)),
                    (
                        "request_id",
                        models.UUIDField(help_text="The same in every audit event of the import."),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    (
                        "worked_at",
                        models.DateTimeField(
                            blank=True, help_text="When a worker was last seen at it.", null=True
                        ),
                    ),
                    (
                        "applied_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "created_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "log",
                        models.OneToOneField(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="plan",
                            to="api.bookingimportlog",
                        ),
                    ),
                    (
                        "template",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="plans",
                            to="api.bookingimporttemplate",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "import plan",
                    "ordering": ["-created_at", "-pk"],
                    "indexes": [
                        models.Index(fields=["created_at"], name="import_plan_created_at"),
                        models.Index(fields=["status", "worked_at"], name="import_plan_status"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("done_count__lte", models.F("row_count"))),
                            name="import_plan_done_of_rows",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="BookingImportPlanRow",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("row_number", models.PositiveIntegerField(verbose_name="row")),
                    (
                        "values",
                        models.JSONField(default=dict, help_text="What the row says, typed."),
                    ),
                    (
                        "code",
                        models.CharField(
                            blank=True, max_length=100, verbose_name="confirmation code"
                        ),
                    ),
                    ("guest_name", models.CharField(blank=True, max_length=200)),
                    ("property_label", models.CharField(blank=True, max_length=200)),
                    (
                        "outcome",
                        models.CharField(
                            choices=[
                                ("created", "created"),
                                ("updated", "updated"),
                                ("unchanged", "unchanged"),
                                ("conflict", "in conflict"),
                                ("refused", "refused"),
                                ("skipped", "skipped"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("problems", models.JSONField(blank=True, default=list)),
                    ("notes", models.JSONField(blank=True, default=list)),
                    ("changes", models.JSONField(blank=True, default=dict)),
                    ("encoding_changes", models.JSONField(blank=True, default=dict)),
                    (
                        "match",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("", "none"),
                                ("code", "by its code"),
                                ("guest_and_dates", "by guest and dates"),
                                ("dates", "by its dates"),
                                ("overlap", "it overlaps"),
                            ],
                            max_length=20,
                        ),
                    ),
                    (
                        "sureness",
                        models.PositiveSmallIntegerField(
                            default=0,
                            help_text="How sure it is that the booking is the same, from 0 to 100.",
                        ),
                    ),
                    (
                        "action",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("take_file", "take the file's values"),
                                ("keep_ours", "keep ours"),
                                ("create", "create anyway"),
                                ("move", "move to another house"),
                                ("skip", "skip"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("taken_fields", models.JSONField(blank=True, default=list)),
                    (
                        "changed_since",
                        models.BooleanField(
                            default=False,
                            help_text="Somebody changed the bookings after the plan was made.",
                        ),
                    ),
                    ("is_applied", models.BooleanField(default=False)),
                    (
                        "booking",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="plan_rows",
                            to="api.booking",
                        ),
                    ),
                    (
                        "decided_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="rows",
                            to="api.bookingimportplan",
                        ),
                    ),
                    (
                        "target",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="api.property",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "row of an import plan",
                    "ordering": ["row_number", "pk"],
                    "indexes": [
                        models.Index(
                            fields=["plan", "outcome", "is_applied"], name="import_plan_row_todo"
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("plan", "row_number"), name="import_plan_row_unique"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("sureness__lte", 100)),
                            name="import_plan_row_sureness",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="BookingImportRow",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("row_number", models.PositiveIntegerField(verbose_name="row")),
                    (
                        "outcome",
                        models.CharField(
                            choices=[
                                ("created", "created"),
                                ("updated", "updated"),
                                ("unchanged", "unchanged"),
                                ("conflict", "in conflict"),
                                ("refused", "refused"),
                                ("skipped", "skipped"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "code",
                        models.CharField(
                            blank=True, max_length=100, verbose_name="confirmation code"
                        ),
                    ),
                    ("guest_name", models.CharField(blank=True, max_length=200)),
                    ("property_label", models.CharField(blank=True, max_length=200)),
                    ("problem_code", models.CharField(blank=True, max_length=40)),
                    ("column", models.CharField(blank=True, max_length=3)),
                    ("reason", models.TextField(blank=True)),
                    ("changes", models.JSONField(blank=True, default=dict)),
                    (
                        "booking",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="import_rows",
                            to="api.booking",
                        ),
                    ),
                    (
                        "log",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="rows",
                            to="api.bookingimportlog",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "imported row",
                    "ordering": ["row_number", "pk"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("log", "row_number"), name="import_row_unique"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="CalendarEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("uid", models.CharField(max_length=255)),
                    ("starts_on", models.DateField()),
                    ("ends_on", models.DateField()),
                    ("summary", models.CharField(blank=True, max_length=200)),
                    ("made_booking", models.BooleanField(default=False)),
                    ("is_gone", models.BooleanField(default=False)),
                    ("problem_code", models.CharField(blank=True, max_length=40)),
                    ("problem", models.TextField(blank=True)),
                    ("seen_at", models.DateTimeField()),
                    (
                        "booking",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="calendar_events",
                            to="api.booking",
                        ),
                    ),
                    (
                        "feed",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="events",
                            to="api.calendarfeed",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "event of a calendar feed",
                    "ordering": ["starts_on", "pk"],
                    "indexes": [
                        models.Index(fields=["starts_on"], name="calendar_event_starts_on")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("feed", "uid"), name="calendar_event_unique"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("starts_on__lt", models.F("ends_on"))),
                            name="calendar_event_in_order",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CalendarFeed",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("name", models.CharField(max_length=100)),
                    (
                        "url",
                        models.URLField(
                            help_text="It begins with https://.",
                            max_length=500,
                            verbose_name="address",
                        ),
                    ),
                    ("source", models.CharField(default="Airbnb", max_length=50)),
                    ("is_active", models.BooleanField(default=True)),
                    (
                        "cancels_vanished",
                        models.BooleanField(
                            default=False,
                            help_text="A booking to come that is no longer in the calendar is cancelled.",
                            verbose_name="vanished means cancelled",
                        ),
                    ),
                    ("fetched_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                    ("etag", models.CharField(blank=True, editable=False, max_length=200)),
                    ("error_code", models.CharField(blank=True, editable=False, max_length=40)),
                    ("error", models.TextField(blank=True, editable=False)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "property",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="calendar_feeds",
                            to="api.property",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "calendar feed",
                    "ordering": ["property__name", "name"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "property", "name", name="calendar_feed_unique"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("url__startswith", "https://")),
                            name="calendar_feed_https",
                        ),
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="CalendarShare",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("name", models.CharField(help_text="Who reads it.", max_length=100)),
                    ("token_digest", models.CharField(editable=False, max_length=64)),
                    ("read_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "property",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="calendar_shares",
                            to="api.property",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "shared calendar",
                    "ordering": ["property__name", "name"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "property", "name", name="calendar_share_unique"
                        ),
                        django_modernize.integrity.UniqueAlive(
                            "token_digest", name="calendar_share_token_unique"
                        ),
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="ChecklistItem",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("title", models.CharField(max_length=200)),
                    ("description", models.TextField(blank=True)),
                    (
                        "item_type",
                        models.CharField(
                            choices=[
                                ("check", "check"),
                                ("photo_required", "photo, required"),
                                ("photo_optional", "photo, optional"),
                                ("text", "text"),
                                ("number", "number"),
                                ("blocking", "blocking: nothing is completed before it"),
                            ],
                            default="check",
                            max_length=20,
                            verbose_name="type",
                        ),
                    ),
                    ("is_required", models.BooleanField(default=True, verbose_name="required")),
                    ("order", models.PositiveSmallIntegerField(default=0)),
                    ("room", models.CharField(blank=True, max_length=50)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "template",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="items",
                            to="api.checklisttemplate",
                        ),
                    ),
                ],
                options={
                    "ordering": ["order", "pk"],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="ChecklistResponse",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("is_done", models.BooleanField(default=False, verbose_name="done")),
                    ("text", models.TextField(blank=True)),
                    (
                        "number",
                        models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True),
                    ),
                    ("note", models.TextField(blank=True)),
                    ("done_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "done_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "item",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="responses",
                            to="api.checklistitem",
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "checklist",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="responses",
                            to="api.taskchecklist",
                        ),
                    ),
                ],
                options={
                    "ordering": ["item__order", "item_id"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "checklist", "item", name="checklist_response_unique"
                        )
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="DeviceToken",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("token", models.CharField(max_length=500, unique=True)),
                    (
                        "platform",
                        models.CharField(
                            choices=[("ios", "iOS"), ("android", "Android"), ("web", "web")],
                            max_length=10,
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("last_seen_at", models.DateTimeField(auto_now=True)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="device_tokens",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="DigestRun",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("day", models.DateField()),
                    ("sent_at", models.DateTimeField(auto_now_add=True)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="digest_runs",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("user", "day"), name="digest_once_a_day")
                    ],
                },
            ),
            migrations.CreateModel(
                name="IdempotencyKey",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("key", models.CharField(max_length=200)),
                    (
                        "fingerprint",
                        models.CharField(
                            blank=True, max_length=64, verbose_name="SHA-256 of the request"
                        ),
                    ),
                    (
                        "status_code",
                        models.PositiveSmallIntegerField(
                            help_text="Empty while the request is carried out, or where it was refused.",
                            null=True,
                        ),
                    ),
                    ("body", models.TextField(blank=True, verbose_name="answer, as JSON")),
                    ("created_at", models.DateTimeField()),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["created_at"], name="idempotency_created_at")],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("user", "key"), name="idempotency_key_unique"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="InviteCode",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    (
                        "digest",
                        models.CharField(
                            editable=False, max_length=64, verbose_name="SHA-256 of the code"
                        ),
                    ),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("viewer", "viewer"),
                                ("staff", "staff"),
                                ("manager", "manager"),
                                ("superuser", "superuser"),
                            ],
                            default="staff",
                            max_length=20,
                        ),
                    ),
                    (
                        "task_group",
                        models.CharField(
                            choices=[
                                ("cleaning", "cleaning"),
                                ("maintenance", "maintenance"),
                                ("laundry", "laundry"),
                                ("lawn_pool", "lawn and pool"),
                                ("general", "general"),
                                ("none", "none"),
                            ],
                            default="none",
                            max_length=20,
                            verbose_name="team",
                        ),
                    ),
                    (
                        "note",
                        models.CharField(blank=True, help_text="For whom it is.", max_length=200),
                    ),
                    (
                        "max_uses",
                        models.PositiveIntegerField(
                            default=1, validators=[django.core.validators.MinValueValidator(1)]
                        ),
                    ),
                    ("use_count", models.PositiveIntegerField(default=0, editable=False)),
                    ("expires_at", models.DateTimeField()),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                ],
                options={
                    "ordering": ["-created_at", "-pk"],
                    "indexes": [models.Index(fields=["created_at"], name="invite_created_at")],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "digest", name="invite_digest_unique"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("use_count__lte", models.F("max_uses"))),
                            name="invite_not_used_up",
                        ),
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="InviteUse",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("used_at", models.DateTimeField(auto_now_add=True)),
                    (
                        "invite",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="uses",
                            to="api.invitecode",
                        ),
                    ),
                    (
                        "user",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="invite_use",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="LostFoundItem",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("title", models.CharField(max_length=200)),
                    ("description", models.TextField(blank=True)),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("found", "found"),
                                ("claimed", "claimed"),
                                ("disposed", "disposed of"),
                                ("donated", "donated"),
                            ],
                            default="found",
                            max_length=20,
                        ),
                    ),
                    ("found_on", models.DateField()),
                    (
                        "found_where",
                        models.CharField(blank=True, max_length=100, verbose_name="found in"),
                    ),
                    (
                        "value",
                        models.DecimalField(
                            blank=True,
                            decimal_places=2,
                            max_digits=10,
                            null=True,
                            validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                            verbose_name="estimated value",
                        ),
                    ),
                    (
                        "storage_place",
                        models.CharField(blank=True, max_length=100, verbose_name="kept in"),
                    ),
                    ("claimed_by", models.CharField(blank=True, max_length=200)),
                    ("claimed_on", models.DateField(blank=True, null=True)),
                    ("disposed_on", models.DateField(blank=True, null=True)),
                    ("disposal_note", models.CharField(blank=True, max_length=200)),
                    (
                        "booking",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="lost_found_items",
                            to="api.booking",
                        ),
                    ),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "found_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "property",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="lost_found_items",
                            to="api.property",
                        ),
                    ),
                    (
                        "task",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="lost_found_items",
                            to="api.task",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "lost and found item",
                    "ordering": ["-found_on", "-pk"],
                    "indexes": [
                        models.Index(fields=["status", "found_on"], name="lost_found_status")
                    ],
                    "constraints": [
                        django_modernize.integrity.SameParent(
                            "booking",
                            "property",
                            follows=True,
                            name="lost_found_in_house_of_booking",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("status", "claimed"), _negated=True),
                                models.Q(("claimed_by", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="lost_found_claimed_by_somebody",
                        ),
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="LostFoundPhoto",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    (
                        "image",
                        django_modernize.uploads.fields.SecureImageField(upload_to="lost_found"),
                    ),
                    ("size", models.PositiveIntegerField(default=0, editable=False)),
                    ("width", models.PositiveIntegerField(default=0, editable=False)),
                    ("height", models.PositiveIntegerField(default=0, editable=False)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "item",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="photos",
                            to="api.lostfounditem",
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                ],
                options={
                    "ordering": ["pk"],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="PasswordResetLog",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "action",
                        models.CharField(
                            choices=[("requested", "requested"), ("completed", "completed")],
                            max_length=10,
                        ),
                    ),
                    ("ip_address", models.GenericIPAddressField(null=True)),
                    ("happened_at", models.DateTimeField(auto_now_add=True)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="password_resets",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["-happened_at", "-pk"],
                    "indexes": [
                        models.Index(fields=["happened_at"], name="password_reset_happened")
                    ],
                },
            ),
            migrations.CreateModel(
                name="PermissionOverride",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("permission", models.CharField(max_length=100)),
                    (
                        "is_granted",
                        models.BooleanField(help_text="Else it is denied.", verbose_name="granted"),
                    ),
                    ("reason", models.TextField()),
                    ("expires_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="permission_overrides",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["user__username", "permission"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "user", "permission", name="permission_override_unique"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), _negated=True),
                            name="permission_override_has_reason",
                        ),
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="PropertyAlias",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    (
                        "label",
                        models.CharField(help_text="Case and spaces do not count.", max_length=200),
                    ),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "property",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="aliases",
                            to="api.property",
                        ),
                    ),
                ],
                options={
                    "verbose_name_plural": "property aliases",
                    "ordering": ["label"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "label", name="property_alias_unique"
                        )
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="PropertyTag",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    ("name", models.CharField(max_length=50)),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                ],
                options={
                    "ordering": ["name"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "name", ignore_case=("name",), name="property_tag_unique"
                        )
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="TaskChecklist",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    (
                        "created_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, verbose_name="created at"
                        ),
                    ),
                    (
                        "modified_at",
                        django_modernize.stamps.fields.TimeStampField(
                            editable=False, on_change=True, verbose_name="modified at"
                        ),
                    ),
                    (
                        "created_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="", editable=False, max_length=50, verbose_name="created via"
                        ),
                    ),
                    (
                        "modified_via",
                        django_modernize.stamps.fields.SourceStampField(
                            default="",
                            editable=False,
                            max_length=50,
                            on_change=True,
                            verbose_name="modified via",
                        ),
                    ),
                    (
                        "created_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="created by",
                        ),
                    ),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "modified_by",
                        django_modernize.stamps.fields.UserStampField(
                            editable=False,
                            null=True,
                            on_change=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="modified by",
                        ),
                    ),
                    (
                        "task",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="checklists",
                            to="api.task",
                        ),
                    ),
                    (
                        "template",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="task_checklists",
                            to="api.checklisttemplate",
                        ),
                    ),
                ],
                options={
                    "ordering": ["pk"],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive("task", name="task_checklist_unique")
                    ],
                },
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name="TaskWork",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ("deletion_reason", models.TextField(blank=True, default="", editable=False)),
                    (
                        "deletion_id",
                        models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                    ),
                    ("started_at", models.DateTimeField()),
                    ("ended_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "deleted_by",
                        models.ForeignKey(
                            blank=True,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "task",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="work",
                            to="api.task",
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="work",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["started_at", "pk"],
                    "indexes": [models.Index(fields=["started_at"], name="work_started_at")],
                    "constraints": [
                        django_modernize.integrity.UniqueAlive(
                            "user",
                            condition=models.Q(("ended_at__isnull", True)),
                            name="work_one_timer_a_person",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ended_at__isnull", True),
                                ("ended_at__gte", models.F("started_at")),
                                _connector="OR",
                            ),
                            name="work_ends_after_start",
                        ),
                    ],
                },
            ),
            migrations.AlterModelOptions(
                name="booking",
                options={
                    "ordering": ["check_in", "pk"],
                    "permissions": [("import_bookings", "Can import bookings from a workbook")],
                },
            ),
            migrations.AlterModelOptions(
                name="bookingimportlog",
                options={
                    "ordering": ["-imported_at", "-pk"],
                    "permissions": [("undo_import", "Can undo an import")],
                    "verbose_name": "import",
                },
            ),
            migrations.AlterModelOptions(
                name="bookingimporttemplate",
                options={"ordering": ["name"], "verbose_name": "import template"},
            ),
            migrations.AlterModelOptions(
                name="checklisttemplate",
                options={"ordering": ["name"]},
            ),
            migrations.AlterModelOptions(
                name="inventoryitem",
                options={"ordering": ["category__name", "name"]},
            ),
            migrations.AlterModelOptions(
                name="inventorytransaction",
                options={"ordering": ["-pk"]},
            ),
            migrations.AlterModelOptions(
                name="notification",
                options={"ordering": ["-changed_at", "-pk"]},
            ),
            migrations.AlterModelOptions(
                name="profile",
                options={"ordering": ["user__username"]},
            ),
            migrations.AlterModelOptions(
                name="property",
                options={
                    "ordering": ["name"],
                    "permissions": [
                        ("approve_property", "Can approve properties that an import found")
                    ],
                    "verbose_name_plural": "properties",
                },
            ),
            migrations.AlterModelOptions(
                name="propertyinventory",
                options={"ordering": ["property__name", "item__name"], "verbose_name": "stock"},
            ),
            migrations.AlterModelOptions(
                name="propertyownership",
                options={"ordering": ["property__name", "user__username"]},
            ),
            migrations.AlterModelOptions(
                name="scheduletemplate",
                options={"ordering": ["name"], "verbose_name": "schedule"},
            ),
            migrations.AlterModelOptions(
                name="task",
                options={
                    "ordering": ["due_date", "pk"],
                    "permissions": [
                        ("assign_task", "Can assign tasks"),
                        ("view_all_tasks", "Can see the tasks of every team"),
                    ],
                },
            ),
            migrations.AlterModelOptions(
                name="taskimage",
                options={
                    "ordering": ["sequence", "pk"],
                    "permissions": [("approve_taskimage", "Can approve and reject photos")],
                },
            ),
            migrations.AlterModelManagers(
                name="booking",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="bookingimporttemplate",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="checklisttemplate",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="inventorycategory",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="inventoryitem",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="property",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="propertyinventory",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="propertyownership",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="scheduletemplate",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="task",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AlterModelManagers(
                name="taskimage",
                managers=[
                    ("objects", django.db.models.manager.Manager()),
                    ("all_objects", django.db.models.manager.Manager()),
                ],
            ),
            migrations.AddField(
                model_name="booking",
                name="import_log",
                field=models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="bookings",
                    to="api.bookingimportlog",
                    verbose_name="imported by",
                ),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="conflict_count",
                field=models.PositiveIntegerField(default=0, verbose_name="in conflict"),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="property_count",
                field=models.PositiveIntegerField(default=0, verbose_name="properties made"),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="skipped_count",
                field=models.PositiveIntegerField(default=0, verbose_name="skipped"),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="task_count",
                field=models.PositiveIntegerField(default=0, verbose_name="tasks made"),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="unchanged_count",
                field=models.PositiveIntegerField(default=0, verbose_name="unchanged"),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="undone_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="undone_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="bookingimportlog",
                name="updated_count",
                field=models.PositiveIntegerField(default=0, verbose_name="updated"),
            ),
            migrations.AddField(
                model_name="bookingimporttemplate",
                name="column_mapping",
                field=models.JSONField(
                    blank=True,
                    default=dict,
                    help_text="Which header stands for which field, where it is not the usual one.",
                ),
            ),
            migrations.AddField(
                model_name="bookingimporttemplate",
                name="matches_code",
                field=models.BooleanField(default=True, verbose_name="match by code"),
            ),
            migrations.AddField(
                model_name="bookingimporttemplate",
                name="matches_dates",
                field=models.BooleanField(
                    default=False,
                    help_text="A guest's name may differ.",
                    verbose_name="match by dates alone",
                ),
            ),
            migrations.AddField(
                model_name="bookingimporttemplate",
                name="matches_guest_and_dates",
                field=models.BooleanField(default=True, verbose_name="match by guest and dates"),
            ),
            migrations.AddField(
                model_name="bookingimporttemplate",
                name="sheet",
                field=models.CharField(blank=True, max_length=100),
            ),
            migrations.AddField(
                model_name="checklisttemplate",
                name="description",
                field=models.TextField(blank=True),
            ),
            migrations.AddField(
                model_name="inventorytransaction",
                name="counterpart",
                field=models.OneToOneField(
                    blank=True,
                    help_text="At the end that got it, the end of the transfer that gave it.",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="origin",
                    to="api.inventorytransaction",
                ),
            ),
            migrations.AddField(
                model_name="inventorytransaction",
                name="note",
                field=models.CharField(blank=True, max_length=200),
            ),
            migrations.AddField(
                model_name="inventorytransaction",
                name="task",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="inventory_transactions",
                    to="api.task",
                ),
            ),
            migrations.AddField(
                model_name="notification",
                name="actor",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="notification",
                name="changes",
                field=models.JSONField(blank=True, default=dict),
            ),
            migrations.AddField(
                model_name="notification",
                name="count",
                field=models.PositiveIntegerField(
                    default=1, help_text="How often it happened meanwhile."
                ),
            ),
            migrations.AddField(
                model_name="notification",
                name="emailed_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="notification",
                name="property",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="notifications",
                    to="api.property",
                ),
            ),
            migrations.AddField(
                model_name="notification",
                name="pushed_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="profile",
                name="email_notices",
                field=models.BooleanField(default=False, verbose_name="notices by e-mail"),
            ),
            migrations.AddField(
                model_name="profile",
                name="language",
                field=models.CharField(
                    blank=True, help_text="Without one the browser's counts.", max_length=10
                ),
            ),
            migrations.AddField(
                model_name="profile",
                name="sees_other_teams",
                field=models.BooleanField(default=False, verbose_name="sees other teams' tasks"),
            ),
            migrations.AddField(
                model_name="profile",
                name="sees_team_tasks",
                field=models.BooleanField(default=True, verbose_name="sees the team's tasks"),
            ),
            migrations.AddField(
                model_name="profile",
                name="task_group",
                field=models.CharField(
                    choices=[
                        ("cleaning", "cleaning"),
                        ("maintenance", "maintenance"),
                        ("laundry", "laundry"),
                        ("lawn_pool", "lawn and pool"),
                        ("general", "general"),
                        ("none", "none"),
                    ],
                    default="none",
                    max_length=20,
                    verbose_name="team",
                ),
            ),
            migrations.AddField(
                model_name="property",
                name="check_in_time",
                field=models.TimeField(
                    default=datetime.time(16, 0),
                    help_text="When guests may come, by the house's clock.",
                ),
            ),
            migrations.AddField(
                model_name="property",
                name="check_out_time",
                field=models.TimeField(
                    default=datetime.time(10, 0),
                    help_text="When guests have to leave, by the house's clock.",
                ),
            ),
            migrations.AddField(
                model_name="property",
                name="property_type",
                field=models.CharField(
                    choices=[
                        ("house", "house"),
                        ("apartment", "apartment"),
                        ("cabin", "cabin"),
                        ("condo", "condo"),
                        ("other", "other"),
                    ],
                    default="house",
                    max_length=20,
                    verbose_name="type",
                ),
            ),
            migrations.AddField(
                model_name="property",
                name="time_zone",
                field=models.CharField(
                    default=api.models.base.default_time_zone,
                    max_length=63,
                    validators=[api.models.base.validate_time_zone],
                ),
            ),
            migrations.AddField(
                model_name="propertyinventory",
                name="restock_task",
                field=models.ForeignKey(
                    blank=True,
                    editable=False,
                    help_text="The task to buy more of it; there is no second while it is open.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="restocks",
                    to="api.task",
                ),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="checklist",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="api.checklisttemplate",
                ),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="description",
                field=models.TextField(blank=True, verbose_name="description"),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="exceptions",
                field=models.JSONField(
                    blank=True,
                    default=list,
                    help_text='["2026-12-24"]',
                    verbose_name="days left out",
                ),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="horizon_days",
                field=models.PositiveIntegerField(default=14, verbose_name="days ahead"),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="is_active",
                field=models.BooleanField(default=True, verbose_name="active"),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="task_type",
                field=models.CharField(
                    choices=[
                        ("administration", "administration"),
                        ("cleaning", "cleaning"),
                        ("maintenance", "maintenance"),
                        ("laundry", "laundry"),
                        ("lawn_pool", "lawn and pool"),
                        ("inspection", "inspection"),
                        ("preparation", "preparation"),
                        ("other", "other"),
                    ],
                    default="maintenance",
                    max_length=20,
                ),
            ),
            migrations.AddField(
                model_name="scheduletemplate",
                name="time_zone",
                field=models.CharField(blank=True, max_length=63, verbose_name="time zone"),
            ),
            migrations.AddField(
                model_name="task",
                name="completed_at",
                field=models.DateTimeField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name="task",
                name="locked_fields",
                field=models.JSONField(
                    blank=True,
                    default=list,
                    editable=False,
                    help_text="What a person has set; automation leaves it.",
                ),
            ),
            migrations.AddField(
                model_name="task",
                name="started_at",
                field=models.DateTimeField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="description",
                field=models.CharField(blank=True, max_length=300),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="height",
                field=models.PositiveIntegerField(default=0, editable=False),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="image_type",
                field=models.CharField(
                    choices=[
                        ("before", "before"),
                        ("after", "after"),
                        ("during", "during"),
                        ("reference", "reference"),
                        ("damage", "damage"),
                        ("general", "general"),
                        ("checklist", "checklist"),
                    ],
                    default="general",
                    max_length=20,
                    verbose_name="type",
                ),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="is_primary",
                field=models.BooleanField(default=False, verbose_name="primary"),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="review_note",
                field=models.CharField(blank=True, max_length=300),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="reviewed_at",
                field=models.DateTimeField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="reviewed_by",
                field=models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="sequence",
                field=models.PositiveSmallIntegerField(default=0),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="size",
                field=models.PositiveIntegerField(default=0, editable=False),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="width",
                field=models.PositiveIntegerField(default=0, editable=False),
            ),
            migrations.AlterField(
                model_name="booking",
                name="external_code",
                field=models.CharField(
                    blank=True, max_length=100, verbose_name="confirmation code"
                ),
            ),
            migrations.AlterField(
                model_name="booking",
                name="external_status",
                field=models.CharField(
                    blank=True, help_text="The word that the booking's source uses.", max_length=100
                ),
            ),
            migrations.AlterField(
                model_name="booking",
                name="last_import_update",
                field=models.DateTimeField(blank=True, editable=False, null=True),
            ),
            migrations.AlterField(
                model_name="booking",
                name="property_label_raw",
                field=models.CharField(blank=True, editable=False, max_length=200),
            ),
            migrations.AlterField(
                model_name="booking",
                name="raw_row",
                field=models.JSONField(blank=True, default=dict, editable=False, null=True),
            ),
            migrations.AlterField(
                model_name="booking",
                name="same_day_flag",
                field=models.BooleanField(default=False, verbose_name="same-day turnover"),
            ),
            migrations.AlterField(
                model_name="booking",
                name="source",
                field=models.CharField(blank=True, default="Direct", max_length=50),
            ),
            migrations.AlterField(
                model_name="bookingimportlog",
                name="file_digest",
                field=models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
            ),
            migrations.AlterField(
                model_name="bookingimportlog",
                name="file_name",
                field=models.CharField(max_length=255),
            ),
            migrations.AlterField(
                model_name="bookingimportlog",
                name="request_id",
                field=models.UUIDField(help_text="The same in every audit event of the import."),
            ),
            migrations.AlterField(
                model_name="bookingimportlog",
                name="sheet",
                field=models.CharField(max_length=100),
            ),
            migrations.AlterField(
                model_name="bookingimporttemplate",
                name="date_format",
                field=models.CharField(
                    choices=[
                        ("any", "2026-12-31 or 12/31/2026"),
                        ("iso", "2026-12-31"),
                        ("month_first", "12/31/2026"),
                        ("day_first", "31/12/2026 or 31.12.2026"),
                    ],
                    default="any",
                    max_length=20,
                ),
            ),
            migrations.AlterField(
                model_name="bookingimporttemplate",
                name="file_type",
                field=models.CharField(
                    choices=[
                        ("excel", "Excel workbook"),
                        ("csv", "CSV file"),
                        ("ical", "calendar (iCal)"),
                    ],
                    default="excel",
                    max_length=10,
                    verbose_name="type",
                ),
            ),
            migrations.AlterField(
                model_name="bookingimporttemplate",
                name="makes_tasks",
                field=models.BooleanField(
                    default=True,
                    help_text="Let the rules for tasks see what is imported.",
                    verbose_name="make tasks",
                ),
            ),
            migrations.AlterField(
                model_name="bookingimporttemplate",
                name="property",
                field=models.ForeignKey(
                    blank=True,
                    help_text="The house of every row, for files that name none.",
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="import_templates",
                    to="api.property",
                ),
            ),
            migrations.AlterField(
                model_name="checklisttemplate",
                name="is_active",
                field=models.BooleanField(default=True, verbose_name="active"),
            ),
            migrations.AlterField(
                model_name="checklisttemplate",
                name="task_type",
                field=models.CharField(
                    choices=[
                        ("administration", "administration"),
                        ("cleaning", "cleaning"),
                        ("maintenance", "maintenance"),
                        ("laundry", "laundry"),
                        ("lawn_pool", "lawn and pool"),
                        ("inspection", "inspection"),
                        ("preparation", "preparation"),
                        ("other", "other"),
                    ],
                    default="cleaning",
                    max_length=20,
                ),
            ),
            migrations.AlterField(
                model_name="generatedtask",
                name="template",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="records",
                    to="api.scheduletemplate",
                ),
            ),
            migrations.AlterField(
                model_name="inventoryitem",
                name="is_active",
                field=models.BooleanField(default=True, verbose_name="active"),
            ),
            migrations.AlterField(
                model_name="inventorytransaction",
                name="change",
                field=models.DecimalField(
                    decimal_places=2,
                    help_text="What was added; negative what was taken.",
                    max_digits=10,
                ),
            ),
            migrations.AlterField(
                model_name="inventorytransaction",
                name="inventory",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="transactions",
                    to="api.propertyinventory",
                ),
            ),
            migrations.AlterField(
                model_name="inventorytransaction",
                name="stock_after",
                field=models.DecimalField(decimal_places=2, max_digits=10),
            ),
            migrations.AlterField(
                model_name="inventorytransaction",
                name="transaction_type",
                field=models.CharField(
                    choices=[
                        ("stock_in", "stock in"),
                        ("stock_out", "stock out"),
                        ("adjustment", "adjustment"),
                        ("damage", "damage"),
                        ("transfer", "transfer"),
                    ],
                    max_length=20,
                    verbose_name="type",
                ),
            ),
            migrations.AlterField(
                model_name="notification",
                name="matter",
                field=models.CharField(
                    help_text="What it is about, as task:12; one word about it while unread.",
                    max_length=100,
                ),
            ),
            migrations.AlterField(
                model_name="notification",
                name="recipient",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notifications",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AlterField(
                model_name="notification",
                name="task",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="notifications",
                    to="api.task",
                ),
            ),
            migrations.AlterField(
                model_name="notification",
                name="verb",
                field=models.CharField(
                    choices=[
                        ("assigned", "assigned to you"),
                        ("unassigned", "no longer yours"),
                        ("status_changed", "status changed"),
                        ("due_changed", "due date changed"),
                        ("title_changed", "title changed"),
                        ("description_changed", "description changed"),
                        ("created", "created"),
                        ("photo_added", "photo added"),
                        ("photo_deleted", "photo deleted"),
                        ("photo_approved", "photo approved"),
                        ("photo_rejected", "photo rejected"),
                        ("attention", "needs your attention"),
                        ("low_stock", "stock is low"),
                    ],
                    max_length=20,
                ),
            ),
            migrations.AlterField(
                model_name="profile",
                name="digest_opt_out",
                field=models.BooleanField(default=False, verbose_name="no daily digest"),
            ),
            migrations.AlterField(
                model_name="propertyinventory",
                name="item",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stocks",
                    to="api.inventoryitem",
                ),
            ),
            migrations.AlterField(
                model_name="propertyinventory",
                name="maximum",
                field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
            ),
            migrations.AlterField(
                model_name="propertyinventory",
                name="par",
                field=models.DecimalField(
                    decimal_places=2,
                    default=0,
                    help_text="At or below is low.",
                    max_digits=10,
                    verbose_name="par level",
                ),
            ),
            migrations.AlterField(
                model_name="propertyinventory",
                name="place",
                field=models.CharField(
                    blank=True, help_text="Where in the house it is kept.", max_length=100
                ),
            ),
            migrations.AlterField(
                model_name="propertyinventory",
                name="property",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="inventory",
                    to="api.property",
                ),
            ),
            migrations.AlterField(
                model_name="propertyinventory",
                name="stock",
                field=models.DecimalField(
                    decimal_places=2, default=0, editable=False, max_digits=10
                ),
            ),
            migrations.AlterField(
                model_name="propertyownership",
                name="can_edit",
                field=models.BooleanField(
                    default=False,
                    help_text="May change the house and its bookings, whatever the role says.",
                ),
            ),
            migrations.AlterField(
                model_name="propertyownership",
                name="ownership_type",
                field=models.CharField(
                    choices=[("owner", "owner"), ("viewer", "viewer"), ("manager", "manager")],
                    default="owner",
                    max_length=20,
                    verbose_name="type",
                ),
            ),
            migrations.AlterField(
                model_name="propertyownership",
                name="user",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="ownerships",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AlterField(
                model_name="scheduletemplate",
                name="assignee",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AlterField(
                model_name="scheduletemplate",
                name="first_day",
                field=models.DateField(verbose_name="first day"),
            ),
            migrations.AlterField(
                model_name="scheduletemplate",
                name="name",
                field=models.CharField(max_length=100, verbose_name="name"),
            ),
            migrations.AlterField(
                model_name="scheduletemplate",
                name="rule",
                field=models.CharField(
                    help_text="As of RFC 5545: FREQ=WEEKLY;BYDAY=MO",
                    max_length=500,
                    verbose_name="rule",
                ),
            ),
            migrations.AlterField(
                model_name="scheduletemplate",
                name="title",
                field=models.CharField(max_length=200, verbose_name="title"),
            ),
            migrations.AlterField(
                model_name="task",
                name="due_date",
                field=models.DateTimeField(blank=True, null=True, verbose_name="due"),
            ),
            migrations.AlterField(
                model_name="taskimage",
                name="original_name",
                field=models.CharField(blank=True, editable=False, max_length=255),
            ),
            migrations.AddIndex(
                model_name="bookingimportlog",
                index=models.Index(fields=["imported_at"], name="import_imported_at"),
            ),
            migrations.AddIndex(
                model_name="notification",
                index=models.Index(
                    fields=["recipient", "read_at", "-changed_at"], name="notice_list"
                ),
            ),
            migrations.AddConstraint(
                model_name="bookingimporttemplate",
                constraint=django_modernize.integrity.UniqueAlive(
                    "name", name="import_template_name_unique"
                ),
            ),
            migrations.AddConstraint(
                model_name="generatedtask",
                constraint=models.UniqueConstraint(
                    fields=("template", "day"), name="api_generatedtask_once"
                ),
            ),
            migrations.AddConstraint(
                model_name="inventorytransaction",
                constraint=models.CheckConstraint(
                    condition=models.Q(("change", 0), _negated=True),
                    name="inventory_change_not_zero",
                ),
            ),
            migrations.AddConstraint(
                model_name="inventorytransaction",
                constraint=models.CheckConstraint(
                    condition=models.Q(("stock_after__gte", 0)), name="inventory_after_not_negative"
                ),
            ),
            migrations.AddConstraint(
                model_name="notification",
                constraint=django_modernize.integrity.UniqueAlive(
                    "recipient",
                    "matter",
                    "verb",
                    condition=models.Q(("read_at__isnull", True)),
                    name="notification_one_while_unread",
                ),
            ),
            migrations.AddConstraint(
                model_name="propertyinventory",
                constraint=models.CheckConstraint(
                    condition=models.Q(("stock__gte", 0)), name="inventory_not_negative"
                ),
            ),
            migrations.AddConstraint(
                model_name="propertyinventory",
                constraint=models.CheckConstraint(
                    condition=models.Q(("par__gte", 0)), name="inventory_par_not_negative"
                ),
            ),
            migrations.AddConstraint(
                model_name="propertyinventory",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("maximum__isnull", True),
                        ("maximum__gte", models.F("par")),
                        _connector="OR",
                    ),
                    name="inventory_maximum_from_par",
                ),
            ),
            migrations.AddField(
                model_name="task",
                name="made_by",
                field=models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="tasks",
                    to="api.autotasktemplate",
                    verbose_name="made by the template",
                ),
            ),
            migrations.AddIndex(
                model_name="task",
                index=models.Index(fields=["status", "due_date"], name="task_status_due"),
            ),
            migrations.AddIndex(
                model_name="task",
                index=models.Index(
                    fields=["assigned_to", "status", "due_date"], name="task_of_person"
                ),
            ),
            migrations.AddField(
                model_name="taskimage",
                name="response",
                field=models.ForeignKey(
                    blank=True,
                    help_text="The answer of a checklist that it belongs to.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="photos",
                    to="api.checklistresponse",
                ),
            ),
            migrations.AddIndex(
                model_name="taskimage",
                index=models.Index(fields=["status", "created_at"], name="task_image_to_review"),
            ),
            migrations.AddConstraint(
                model_name="taskimage",
                constraint=django_modernize.integrity.UniqueAlive(
                    "task",
                    "image_type",
                    condition=models.Q(("is_primary", True)),
                    name="task_image_one_primary",
                ),
            ),
            migrations.AddConstraint(
                model_name="taskimage",
                constraint=models.CheckConstraint(
                    condition=models.Q(("size__lte", 5242880)), name="task_image_not_too_large"
                ),
            ),
            migrations.AddField(
                model_name="property",
                name="tags",
                field=models.ManyToManyField(
                    blank=True, related_name="properties", to="api.propertytag"
                ),
            ),
        )
    ]
