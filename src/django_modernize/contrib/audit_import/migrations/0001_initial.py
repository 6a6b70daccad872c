from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("modernize_audit", "0002_seal")]
    operations = [
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=201)),
                ("record", models.CharField(max_length=191)),
            ],
            options={
                "db_table": "modernize_audit_imported",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("table", "record"), name="modernize_imported_once"
                    )
                ],
            },
        ),
    ]
