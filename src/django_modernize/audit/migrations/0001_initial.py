import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import django_modernize.audit.fields
import django_modernize.audit.indexes
from django_modernize.triggers.installer import drop_triggers


def keep_triggers(apps, schema_editor):
    """Nothing to do: the triggers come by themselves as soon as the table is there."""


def tune_table(apps, schema_editor):
    """Tell PostgreSQL what it cannot guess of a table that only grows.

    New blocks enter the block-range index after each 20,000 events, not after a fifth more. With
    statistics of a hundred values alone, a rare actor or model would be looked for by reading
    everything backwards.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE modernize_audit_event SET (autovacuum_vacuum_insert_threshold = 20000,"
            " autovacuum_vacuum_insert_scale_factor = 0)"
        )
        schema_editor.execute(
            "ALTER TABLE modernize_audit_event ALTER actor_id SET STATISTICS 1000,"
            " ALTER object_type SET STATISTICS 1000"
        )


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
            name="AuditContext",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("actor_label", models.CharField(max_length=150)),
                ("reason", models.TextField()),
                ("request_id", models.UUIDField(null=True)),
                ("ip_address", models.GenericIPAddressField(null=True, verbose_name="IP address")),
                ("user_agent", models.CharField(max_length=500)),
                ("salt", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "modernize_audit_context",
                "indexes": [
                    models.Index(
                        condition=models.Q(("request_id__isnull", False)),
                        fields=["request_id"],
                        name="modernize_context_request",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(verbose_name="at")),
                ("transaction_id", models.BigIntegerField(null=True)),
                (
                    "context",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="modernize_audit.auditcontext",
                    ),
                ),
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
                ("object_type", models.CharField(max_length=201)),
                ("object_id", django_modernize.audit.fields.KeyField(max_length=255)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("create", "created"),
                            ("update", "changed"),
                            ("delete", "deleted for good"),
                            ("soft_delete", "deleted"),
                            ("restore", "restored"),
                            ("m2m_add", "linked"),
                            ("m2m_remove", "unlinked"),
                            ("truncate", "table emptied"),
                            ("untracked", "changes not recorded"),
                            ("erase", "values erased"),
                            ("prune", "old events removed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("source", models.CharField(max_length=50)),
                ("changes", django_modernize.audit.fields.ChangesField(default=dict)),
                ("salt", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "modernize_audit_event",
                "ordering": ["-id"],
                "indexes": [
                    django_modernize.audit.indexes.EqualityIndex(
                        fields=["object_id"], name="modernize_event_object"
                    ),
                    django_modernize.audit.indexes.BlockRangeIndex(
                        fields=["created_at", "transaction_id", "context", "actor", "object_type"],
                        name="modernize_event_ranges",
                        scattered=("actor", "object_type"),
                    ),
                    django_modernize.audit.indexes.FallbackIndex(
                        fields=["transaction_id"], name="modernize_event_transaction"
                    ),
                    django_modernize.audit.indexes.FallbackIndex(
                        condition=models.Q(("context__isnull", False)),
                        fields=["context"],
                        name="modernize_event_context",
                    ),
                    django_modernize.audit.indexes.FallbackIndex(
                        condition=models.Q(("actor__isnull", False)),
                        fields=["actor"],
                        name="modernize_event_actor",
                    ),
                ],
            },
        ),
        migrations.RunPython(tune_table, migrations.RunPython.noop),
        migrations.RunPython(keep_triggers, remove_triggers),
    ]
