"""What guests left behind, and what became of it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.core.files.base import ContentFile
from django.utils import timezone

from api.models import Booking
from api.models.booking import BookingStatus
from api.models.inventory import LostFoundStatus
from api.services.lost_found import add_photo, report_item, set_status
from django_modernize.context import change_context

from .pictures import draw_thing

if TYPE_CHECKING:
    from .company import Company

__all__ = ["add_findings"]

THINGS: Final = (
    ("Child's backpack", "behind the sofa", None),
    ("Reading glasses", "on the bedside table", LostFoundStatus.CLAIMED),
    ("Phone charger", "kitchen", None),
    ("Umbrella", "porch", LostFoundStatus.DONATED),
    ("Swimming trunks", "by the pool", LostFoundStatus.DISPOSED),
    ("Silver ear-ring", "bathroom", None),
)


def add_findings(company: "Company") -> None:
    """Have the cleaners find things after the last stays."""
    people = company.people
    over = Booking.objects.filter(status=BookingStatus.COMPLETED, check_out__lt=timezone.now())
    stays = over.exclude(property=company.sold)
    finders = people.teams["cleaning"]
    last = stays.select_related("property").order_by("-check_out", "pk")[: len(THINGS)]
    for number, (booking, (title, where, status)) in enumerate(zip(last, THINGS, strict=False)):
        finder = finders[number % len(finders)]
        with change_context(actor=finder, source="manual"):
            item = report_item(
                actor=finder,
                house=booking.property,
                title=title,
                booking=booking,
                found_where=where,
                found_on=booking.check_out.date(),
                storage_place="office, shelf 2",
            )
            if number % 2 == 0:
                picture = ContentFile(draw_thing(company.dice), name="found.jpg")
                add_photo(actor=finder, item=item, image=picture)
        if status is None:
            continue
        with change_context(actor=people["maria"], source="manual"):
            set_status(
                actor=people["maria"],
                item=item,
                status=status,
                claimed_by=booking.guest_name if status == LostFoundStatus.CLAIMED else "",
                note="" if status == LostFoundStatus.CLAIMED else "After three months",
                on=min(booking.check_out.date() + timedelta(days=1), company.today),
            )
