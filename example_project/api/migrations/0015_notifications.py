"""There is one word to a person about a matter while it is unread.

Of several the newest stays unread. The verb is one of those that there are today.
"""

from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.notifications import leave_one_unread, mend_verbs, unread_again
from api.modernising.reshape import Reshape

PHASE = "notifications"


class Migration(migrations.Migration):
    dependencies = [("api", "0014_schedules")]

    operations = [
        Carry(f"{PHASE}: verbs", mend_verbs),
        Reshape(
            migrations.AlterField(
                "Notification",
                "verb",
                models.CharField(max_length=20),
            ),
            migrations.AddField(
                "Notification",
                "matter",
                models.CharField(
                    default="",
                    help_text="What it is about, as task:12; one word about it while unread.",
                    max_length=100,
                ),
            ),
            migrations.AddField(
                "Notification", "changed_at", models.DateTimeField(auto_now=True, null=True)
            ),
            migrations.AddField(
                "Notification", "read_at", models.DateTimeField(blank=True, null=True)
            ),
        ),
        Carry(f"{PHASE}: unread", leave_one_unread, unread_again),
        Reshape(
            migrations.RemoveField("Notification", "read"),
            migrations.AlterField(
                "Notification", "changed_at", models.DateTimeField(auto_now=True)
            ),
        ),
    ]
