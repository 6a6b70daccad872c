"""Every line of the text histories becomes an event of the audit trail.

Batch by batch, each a transaction of its own: a run that was killed goes on where it was, and the
legacy system may go on writing meanwhile.
"""

from django.conf import settings
from django.db import migrations

from django_modernize.migrate import HistoryToEvents

ACTIVE = {
    f"{verb} {noun}": {"is_active": values}
    for noun in ("template", "item")
    for verb, values in (("activated", [False, True]), ("deactivated", [True, False]))
}
READ = {"marked as read": {"read": [False, True]}, "marked as unread": {"read": [True, False]}}
STOCK = {
    "current stock": "stock",
    "par level": "par",
    "max level": "maximum",
    "storage location": "place",
}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("api", "0004_names_and_words"),
        ("modernize_audit", "0004_seal_salts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        HistoryToEvents(
            "Property",
            "history",
            labels={"property name": "name", "property address": "address"},
        ),
        HistoryToEvents(
            "Booking", "history", labels={"check in": "check_in", "check out": "check_out"}
        ),
        HistoryToEvents("Task", "history", labels={"assignee": "assigned_to", "due": "due_date"}),
        HistoryToEvents("Notification", "history", phrases=READ),
        HistoryToEvents("ChecklistTemplate", "history", phrases=ACTIVE),
        HistoryToEvents("InventoryItem", "history", phrases=ACTIVE),
        HistoryToEvents("PropertyInventory", "history", labels=STOCK),
        HistoryToEvents("InventoryTransaction", "history"),
        HistoryToEvents("GeneratedTask", "history"),
    ]
