"""Work that comes again follows recurrence rules, in a house each.

The rule is made of the frequency and what belongs to it, which are written down. Records of a day
that has one already are set aside.
"""

import datetime

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.reshape import Reshape
from api.modernising.schedules import bring_schedules_home, write_rules

PHASE = "schedules"
DROPPED = ("frequency", "interval", "end_date", "last_generated")


class Migration(migrations.Migration):
    dependencies = [("api", "0013_stock")]

    operations = [
        Reshape(
            migrations.AddField(
                "ScheduleTemplate",
                "rule",
                models.CharField(
                    default="",
                    help_text="As of RFC 5545: FREQ=WEEKLY;BYDAY=MO",
                    max_length=500,
                    verbose_name="rule",
                ),
            ),
            migrations.AddField(
                "ScheduleTemplate",
                "title",
                models.CharField(default="", max_length=200, verbose_name="title"),
            ),
        ),
        Carry(f"{PHASE}: rules", write_rules),
        Carry(f"{PHASE}: houses", bring_schedules_home),
        Reshape(
            *(migrations.RemoveField("ScheduleTemplate", name) for name in DROPPED),
            migrations.AlterField(
                "ScheduleTemplate",
                "property",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="schedules",
                    to="api.property",
                ),
            ),
            migrations.AlterField(
                "ScheduleTemplate",
                "time_of_day",
                models.TimeField(default=datetime.time(9, 0), verbose_name="time of day"),
            ),
            migrations.AlterField(
                "GeneratedTask",
                "task",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="generated_records",
                    to="api.task",
                ),
            ),
            migrations.AddField(
                "GeneratedTask",
                "created_at",
                models.DateTimeField(auto_now_add=True, default=django.utils.timezone.now),
                preserve_default=False,
            ),
        ),
    ]
