import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from django_modernize.triggers.installer import drop_triggers


def keep_triggers(apps, schema_editor):
    """Nothing to do: the triggers come by themselves as soon as the table is there."""


def remove_triggers(apps, schema_editor):
    """Without the table each trigger would make the write fail that it should record."""
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(verbose_name="at")),
                ("object_type", models.CharField(max_length=201)),
                ("object_id", models.CharField(max_length=255)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("create", "created"),
                            ("update", "changed"),
                            ("delete", "deleted for good"),
                            ("soft_delete", "deleted"),
                            ("restore", "restored"),
                        ],
                        max_length=20,
                    ),
                ),
                ("changes", models.JSONField(default=dict)),
                ("actor_label", models.CharField(blank=True, max_length=150)),
                ("source", models.CharField(max_length=50)),
                ("reason", models.TextField(blank=True)),
                ("request_id", models.UUIDField(null=True)),
                ("ip_address", models.GenericIPAddressField(null=True, verbose_name="IP address")),
                ("user_agent", models.CharField(blank=True, max_length=500)),
                ("transaction_id", models.BigIntegerField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "modernize_audit_event",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["object_type", "object_id", "id"], name="modernize_event_object"
                    ),
                    models.Index(
                        condition=models.Q(("request_id__isnull", False)),
                        fields=["request_id"],
                        name="modernize_event_request",
                    ),
                    models.Index(
                        condition=models.Q(("actor__isnull", False)),
                        fields=["actor", "id"],
                        name="modernize_event_actor",
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_triggers, remove_triggers),
    ]
