"""The import of one row, with the rule about cleaning written into it."""

from datetime import timedelta

from .models import Booking, Task


def import_row(row, property):
    """Store one row of the workbook; the file's values win."""
    booking, created = Booking.objects.get_or_create(
        property=property,
        external_code=row["code"],
        defaults={
            "check_in_date": row["start"],
            "check_out_date": row["end"],
            "guest_name": row["guest"],
            "status": row["status"],
        },
    )
    if created:
        Task.objects.create(
            title=f"Pre-arrival Cleaning - {property.name}",
            task_type="cleaning",
            property=property,
            booking=booking,
            due_date=row["start"] - timedelta(days=1),
            status=row["status"],
        )
    else:
        first = booking.tasks.order_by("pk").first()
        if first:
            Task.objects.filter(pk=first.pk).update(status=row["status"])
    return booking
