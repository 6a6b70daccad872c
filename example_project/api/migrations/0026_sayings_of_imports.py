from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0025_books_of_deleted_stocks"),
    ]

    operations = [
        migrations.AddField(
            model_name="bookingimportrow",
            name="notes",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="bookingimportrow",
            name="problems",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
