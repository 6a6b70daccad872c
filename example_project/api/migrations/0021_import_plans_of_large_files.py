"""Plans of imports know up to where they were compared; their rows have fewer indexes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0020_records_by_subject"),
    ]

    operations = [
        migrations.AddField(
            model_name="bookingimportplan",
            name="compared_event",
            field=models.BigIntegerField(
                help_text="The last event of the trail when the rows were compared.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="bookingimportplan",
            name="text",
            field=models.TextField(
                blank=True, help_text="The content of a CSV file or a calendar until it is read."
            ),
        ),
        migrations.AlterField(
            model_name="bookingimportplanrow",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="bookingimportplanrow",
            name="target",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="api.property",
            ),
        ),
        migrations.AddIndex(
            model_name="bookingimportplanrow",
            index=models.Index(
                condition=models.Q(("target__isnull", False)),
                fields=["target"],
                name="import_plan_row_target",
            ),
        ),
        migrations.AddIndex(
            model_name="bookingimportplanrow",
            index=models.Index(
                condition=models.Q(("decided_by__isnull", False)),
                fields=["decided_by"],
                name="import_plan_row_decided_by",
            ),
        ),
    ]
