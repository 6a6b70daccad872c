"""Photos are judged on their way in; those that are there keep their paths and stay visible."""

from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.photos import describe_photos, leave_photos
from api.modernising.reshape import Reshape
from django_modernize.uploads.fields import SecureImageField


class Migration(migrations.Migration):
    dependencies = [("api", "0011_tasks_in_house")]

    operations = [
        Reshape(
            migrations.AlterField("TaskImage", "image", SecureImageField(upload_to="tasks")),
            migrations.AddField(
                "TaskImage",
                "original_name",
                models.CharField(blank=True, default="", editable=False, max_length=255),
            ),
            migrations.AddField(
                "TaskImage",
                "status",
                models.CharField(
                    choices=[
                        ("pending", "pending"),
                        ("approved", "approved"),
                        ("rejected", "rejected"),
                        ("archived", "archived"),
                    ],
                    default="pending",
                    max_length=20,
                ),
            ),
        ),
        Carry("uploads", describe_photos, leave_photos),
    ]
