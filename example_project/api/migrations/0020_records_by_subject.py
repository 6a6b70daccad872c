"""The index of what rules have made begins with the booking: plans ask for all that there is of one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0019_documents"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="autotaskrecord",
            name="api_autotaskrecord_once",
        ),
        migrations.AddConstraint(
            model_name="autotaskrecord",
            constraint=models.UniqueConstraint(
                fields=("subject_key", "subject_id", "template", "occurrence"),
                name="api_autotaskrecord_once",
            ),
        ),
    ]
