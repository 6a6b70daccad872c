"""The project's own user model takes Django's table over.

What Django keeps about the old model (permissions, the admin's log) belongs to the new one. The table
in which later phases write down what they do to rows comes with it.
"""

from django.db import migrations, models

from api.modernising.users import give_types_back, take_types_over


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0001_legacy"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(take_types_over, give_types_back),
        migrations.CreateModel(
            name="ModernisationRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("phase", models.CharField(max_length=50)),
                ("model", models.CharField(max_length=100)),
                ("object_id", models.BigIntegerField(verbose_name="key")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("changed", "changed"),
                            ("set_aside", "set aside"),
                            ("made", "made"),
                        ],
                        max_length=10,
                    ),
                ),
                ("old", models.JSONField(default=dict, verbose_name="values before")),
                ("new", models.JSONField(default=dict, verbose_name="values after")),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["phase", "model", "object_id"], name="modernisation_row"),
                    models.Index(fields=["recorded_at"], name="modernisation_recorded"),
                ],
            },
        ),
    ]
