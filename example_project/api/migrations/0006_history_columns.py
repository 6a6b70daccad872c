"""The columns of the text histories go, which the audit trail has taken over."""

from django.db import migrations

from api.modernising.reshape import Reshape

MODELS = (
    "Property",
    "Booking",
    "Task",
    "Notification",
    "ChecklistTemplate",
    "InventoryItem",
    "PropertyInventory",
    "InventoryTransaction",
    "GeneratedTask",
)


class Migration(migrations.Migration):
    dependencies = [("api", "0005_history_to_events")]

    operations = [Reshape(*(migrations.RemoveField(name, "history") for name in MODELS))]
