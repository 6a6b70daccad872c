"""Columns and words get the names that they have today.

``in-progress`` and ``canceled`` are spelled as elsewhere, tasks whose status an import took from the
workbook have one of a task, and counts and currencies are what their columns can hold.
"""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import api.models.booking
from api.modernising.carry import Carry
from api.modernising.reshape import Reshape
from api.modernising.words import give_words_back, mend_counts, mend_words

PHASE = "names_and_words"


class Migration(migrations.Migration):
    dependencies = [("api", "0003_profile_once")]

    operations = [
        Carry(f"{PHASE}: counts", mend_counts),
        Reshape(
            migrations.RenameField("Booking", "check_in_date", "check_in"),
            migrations.RenameField("Booking", "check_out_date", "check_out"),
            migrations.RenameField("Booking", "earnings_amount", "earnings"),
            migrations.RenameField("Booking", "earnings_currency", "currency"),
            migrations.AlterField(
                "Booking",
                "currency",
                models.CharField(default=api.models.booking.default_currency, max_length=3),
            ),
            migrations.AlterField("Booking", "adults", models.PositiveSmallIntegerField(default=1)),
            migrations.AlterField(
                "Booking", "children", models.PositiveSmallIntegerField(default=0)
            ),
            migrations.AlterField(
                "Booking", "infants", models.PositiveSmallIntegerField(default=0)
            ),
            migrations.AlterField(
                "Booking",
                "nights",
                models.PositiveSmallIntegerField(
                    blank=True,
                    null=True,
                    validators=[django.core.validators.MinValueValidator(1)],
                ),
            ),
            migrations.AlterField(
                "Booking",
                "status",
                models.CharField(
                    choices=[
                        ("booked", "booked"),
                        ("confirmed", "confirmed"),
                        ("currently_hosting", "currently hosting"),
                        ("owner_staying", "owner staying"),
                        ("cancelled", "cancelled"),
                        ("completed", "completed"),
                    ],
                    default="booked",
                    max_length=20,
                ),
            ),
            migrations.AlterField(
                "Task",
                "status",
                models.CharField(
                    choices=[
                        ("pending", "pending"),
                        ("waiting_dependency", "waiting for another task"),
                        ("in_progress", "in progress"),
                        ("completed", "completed"),
                        ("cancelled", "cancelled"),
                    ],
                    default="pending",
                    max_length=20,
                ),
            ),
            migrations.AlterField(
                "Task",
                "task_type",
                models.CharField(
                    choices=[
                        ("administration", "administration"),
                        ("cleaning", "cleaning"),
                        ("maintenance", "maintenance"),
                        ("laundry", "laundry"),
                        ("lawn_pool", "lawn and pool"),
                        ("inspection", "inspection"),
                        ("preparation", "preparation"),
                        ("other", "other"),
                    ],
                    default="other",
                    max_length=20,
                    verbose_name="type",
                ),
            ),
            migrations.RenameField("TaskImage", "uploaded_at", "created_at"),
            migrations.RenameField("TaskImage", "uploaded_by", "created_by"),
            migrations.RenameField("PropertyInventory", "current_stock", "stock"),
            migrations.RenameField("PropertyInventory", "par_level", "par"),
            migrations.RenameField("PropertyInventory", "max_level", "maximum"),
            migrations.RenameField("PropertyInventory", "storage_location", "place"),
            migrations.RenameField("InventoryTransaction", "property_inventory", "inventory"),
            migrations.RenameField("GeneratedTask", "schedule", "template"),
            migrations.RenameField("GeneratedTask", "generated_for_date", "day"),
            migrations.RenameField("ScheduleTemplate", "default_assignee", "assignee"),
            migrations.RenameField("ScheduleTemplate", "start_date", "first_day"),
            migrations.RenameField("Notification", "timestamp", "created_at"),
            migrations.AlterModelOptions("Notification", {"ordering": ["-created_at"]}),
        ),
        Carry(f"{PHASE}: words", mend_words, give_words_back),
    ]
