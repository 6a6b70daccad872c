"""Logs of imports count what became of the rows; what they said as text is written down.

The typed rows of their conflicts and errors are made when there is a table for them.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.imports import (
    describe_files,
    mend_templates,
    name_files_again,
    write_down_logs,
)
from api.modernising.reshape import Reshape

PHASE = "imports"


class Migration(migrations.Migration):
    dependencies = [("api", "0015_notifications")]

    operations = [
        Carry(f"{PHASE}: logs", write_down_logs),
        Carry(f"{PHASE}: templates", mend_templates),
        Reshape(
            # Empty for logs that are made after this, where one goes back.
            migrations.AlterField(
                "BookingImportLog",
                "import_file",
                models.FileField(default="", upload_to="booking_imports/"),
            ),
            migrations.RenameField("BookingImportLog", "total_rows", "row_count"),
            migrations.AlterField(
                "BookingImportLog", "row_count", models.PositiveIntegerField(verbose_name="rows")
            ),
            migrations.RenameField("BookingImportLog", "successful_imports", "created_count"),
            migrations.AlterField(
                "BookingImportLog",
                "created_count",
                models.PositiveIntegerField(default=0, verbose_name="created"),
            ),
            migrations.RenameField("BookingImportLog", "errors_count", "refused_count"),
            migrations.AlterField(
                "BookingImportLog",
                "refused_count",
                models.PositiveIntegerField(default=0, verbose_name="refused"),
            ),
            migrations.AddField(
                "BookingImportLog", "file_name", models.CharField(default="", max_length=255)
            ),
            migrations.AddField(
                "BookingImportLog",
                "file_digest",
                models.CharField(default="", max_length=64, verbose_name="SHA-256 of the file"),
            ),
            migrations.AddField(
                "BookingImportLog", "sheet", models.CharField(default="", max_length=100)
            ),
            migrations.AddField(
                "BookingImportLog",
                "request_id",
                models.UUIDField(
                    # Of no request: the trail knows nothing of these imports.
                    default=uuid.UUID(int=0),
                    help_text="The same in every audit event of the import.",
                ),
            ),
            migrations.AlterField(
                "BookingImportLog",
                "imported_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.RenameField("BookingImportTemplate", "import_type", "file_type"),
            migrations.RenameField("BookingImportTemplate", "auto_create_tasks", "makes_tasks"),
            migrations.AlterField(
                "BookingImportTemplate", "file_type", models.CharField(max_length=10)
            ),
            migrations.AlterField(
                "BookingImportTemplate", "date_format", models.CharField(max_length=20)
            ),
        ),
        Carry(f"{PHASE}: files", describe_files, name_files_again),
        Reshape(
            *(
                migrations.RemoveField("BookingImportLog", name)
                for name in ("template", "import_file", "errors_log")
            )
        ),
    ]
