from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("modernize_audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(verbose_name="at")),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("event_count", models.PositiveBigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("previous", models.BinaryField(max_length=32, unique=True)),
                ("digest", models.BinaryField(max_length=32)),
                ("manifest_digest", models.BinaryField(max_length=32)),
                ("signature", models.BinaryField(null=True)),
                ("manifest", models.BinaryField(null=True)),
                ("pruned_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "modernize_audit_seal",
                "ordering": ["number"],
            },
        ),
    ]
