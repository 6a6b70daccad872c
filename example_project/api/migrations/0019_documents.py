"""Papers of houses and bookings: a new table, which the legacy system does not have."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import django_modernize.integrity
import django_modernize.stamps.fields
import django_modernize.uploads.fields


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0018_auto_tasks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
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
                (
                    "document_type",
                    models.CharField(
                        choices=[
                            ("manual", "house manual"),
                            ("contract", "contract"),
                            ("insurance", "insurance"),
                            ("permit", "permit"),
                            ("invoice", "invoice"),
                            ("other", "other"),
                        ],
                        default="other",
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("managers", "managers"),
                            ("staff", "managers and staff"),
                            ("owners", "owners too"),
                        ],
                        default="managers",
                        help_text="Who may read it, among those who see the house.",
                        max_length=20,
                    ),
                ),
                ("file", django_modernize.uploads.fields.SecureFileField(upload_to="documents")),
                ("original_name", models.CharField(blank=True, editable=False, max_length=255)),
                ("size", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "booking",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="documents",
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
                        related_name="documents",
                        to="api.property",
                    ),
                ),
            ],
            options={
                "ordering": ["title", "pk"],
                "constraints": [
                    django_modernize.integrity.SameParent(
                        "booking", "property", follows=True, name="document_in_house_of_booking"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
    ]
