"""The database refuses a stay that ends before it begins, and a second one at the same time.

What breaks these rules is not lost: stays that cannot be are given possible times and cancelled, the
later one of two that overlap is cancelled, a code that another stay has is numbered. Each is written
down with its reason for somebody to look at, and the way back undoes it.
"""

from django.db import migrations, models

from api.modernising.bookings import cancel_overlaps, mend_codes, mend_times
from api.modernising.carry import Carry
from django_modernize.integrity import Before, NoOverlap, ParentKey, UniqueAlive
from django_modernize.migrate import AddConstraintSafely

PHASE = "booking_integrity"


class Migration(migrations.Migration):
    dependencies = [("api", "0009_unique_names")]

    operations = [
        Carry(f"{PHASE}: times", mend_times),
        Carry(f"{PHASE}: overlaps", cancel_overlaps),
        Carry(f"{PHASE}: codes", mend_codes),
        AddConstraintSafely(
            "Booking", Before("check_in", "check_out", name="booking_in_before_out")
        ),
        AddConstraintSafely(
            "Booking",
            NoOverlap(
                "check_in",
                "check_out",
                condition=models.Q(deleted_at__isnull=True) & ~models.Q(status="cancelled"),
                name="booking_no_overlap",
                partition_by=("property",),
            ),
        ),
        AddConstraintSafely(
            "Booking",
            UniqueAlive(
                "property",
                "source",
                "external_code",
                condition=~models.Q(external_code=""),
                name="booking_code_unique",
            ),
        ),
        AddConstraintSafely("Booking", ParentKey("property", name="booking_key_in_property")),
        migrations.AddIndex(
            "Booking",
            models.Index(fields=["property", "check_out"], name="booking_property_out"),
        ),
        migrations.AddIndex("Booking", models.Index(fields=["external_code"], name="booking_code")),
        migrations.AddIndex("Booking", models.Index(fields=["check_in"], name="booking_check_in")),
    ]
