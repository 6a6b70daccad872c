from secrets import token_bytes

from django.db import connections, migrations, models

from django_modernize.audit.ledger.manifests import unpack_manifest
from django_modernize.audit.locking import unlocked

SALT_BYTES = 16

BATCH_SIZE = 10_000

UPDATE = "UPDATE modernize_audit_event SET salt = %s WHERE id = %s AND salt IS NULL"


def keep_salts(apps, schema_editor):
    """Nothing to do: events that have random bytes of their own keep them."""


def return_salts(apps, schema_editor):
    """Give the events back what their seals keep for them, and new ones to those in no seal."""
    using = schema_editor.connection.alias
    seals = apps.get_model("modernize_audit", "AuditSeal")._base_manager.using(using)
    with unlocked(using), connections[using].cursor() as cursor:
        for seal in seals.exclude(salts=None).order_by("number").iterator(chunk_size=1):
            numbers, _ = unpack_manifest(bytes(seal.manifest))
            salts = bytes(seal.salts)
            rows = [
                (salts[place * SALT_BYTES : (place + 1) * SALT_BYTES], number)
                for place, number in enumerate(numbers)
            ]
            for start in range(0, len(rows), BATCH_SIZE):
                cursor.executemany(UPDATE, rows[start : start + BATCH_SIZE])
        cursor.execute("SELECT id FROM modernize_audit_event WHERE salt IS NULL")
        fresh = [(token_bytes(SALT_BYTES), number) for (number,) in cursor.fetchall()]
        cursor.executemany(UPDATE, fresh)


class Migration(migrations.Migration):
    dependencies = [("modernize_audit", "0003_secret")]

    operations = [
        migrations.AddField(
            model_name="auditseal",
            name="salts",
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(keep_salts, return_salts),
    ]
