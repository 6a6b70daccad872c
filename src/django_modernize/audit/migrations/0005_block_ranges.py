from django.db import migrations

from django_modernize.audit.indexes import BlockRangeIndex

NAME = "modernize_event_ranges"


class Migration(migrations.Migration):
    """Lets the block ranges find a rare action and a rare source too.

    PostgreSQL reads the table once for it, a second for each million events or two, while writers
    wait. On SQLite there is nothing to do.
    """

    dependencies = [("modernize_audit", "0004_seal_salts")]

    operations = [
        migrations.RemoveIndex(model_name="auditevent", name=NAME),
        migrations.AddIndex(
            model_name="auditevent",
            index=BlockRangeIndex(
                fields=[
                    *("created_at", "transaction_id", "context"),
                    *("actor", "object_type", "action", "source"),
                ],
                scattered=["actor", "object_type", "action", "source"],
                name=NAME,
            ),
        ),
    ]
