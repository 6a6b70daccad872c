"""Lost and found: items are found, and then claimed, donated or disposed of."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import LostFoundItem, LostFoundPhoto, Property, User
from api.models.inventory import LostFoundStatus
from api.models.refusals import StateRefused
from api.services.changes import making_changes
from api.services.permission import get_access, list_visible, may_change_object

__all__ = ["TRANSITIONS", "add_photo", "report_item", "set_status"]

TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    LostFoundStatus.FOUND: frozenset(
        {LostFoundStatus.CLAIMED, LostFoundStatus.DISPOSED, LostFoundStatus.DONATED}
    ),
    # The claimant was not the owner, or never collected it.
    LostFoundStatus.CLAIMED: frozenset(
        {LostFoundStatus.FOUND, LostFoundStatus.DISPOSED, LostFoundStatus.DONATED}
    ),
    # Final.
    LostFoundStatus.DISPOSED: frozenset(),
    LostFoundStatus.DONATED: frozenset(),
}
"""What may become of a thing in which state."""

GONE: Final = frozenset({LostFoundStatus.DISPOSED, LostFoundStatus.DONATED})


def report_item(*, actor: User, house: Property, title: str, **details: Any) -> LostFoundItem:
    """Record a found item.

    Args:
        actor: Who found it, unless ``found_by`` says otherwise.
        house: The house.
        title: What it is.
        **details: Further fields of the item; ``found_on`` is today by the house's clock.

    Raises:
        PermissionDenied: The actor may not, or does not see the house.
        ValidationError: A value is not right, as a booking of another house.

    Costs at most ten queries.
    """
    access = get_access(actor)
    is_seen = list_visible(access, Property).filter(pk=house.pk).exists()
    if not (is_seen and access.may("api.add_lostfounditem")):
        raise PermissionDenied(_("You may not note what was found in this house."))
    values = {"found_on": _find_today(house), "found_by": actor, **details}
    item = LostFoundItem(property=house, title=title, **values)
    with making_changes():
        item.full_clean()
        item.save()
    return item


def set_status(
    *,
    actor: User,
    item: LostFoundItem,
    status: str,
    claimed_by: str = "",
    note: str = "",
    on: date | None = None,
) -> LostFoundItem:
    """Record what happened to an item.

    Args:
        actor: Who says so.
        item: The thing.
        status: One of ``LostFoundStatus``.
        claimed_by: Who claimed it; needed where it is claimed.
        note: How it was disposed of, or to whom it was donated.
        on: The day, today by the house's clock without one.

    Raises:
        PermissionDenied: The actor may not change it.
        StateRefused: That cannot become of it now (``transition``).
        ValidationError: Nobody is named who claimed it (``claimant``).

    Costs eight queries.
    """
    with making_changes():
        if not may_change_object(get_access(actor), "api.change_lostfounditem", item):
            raise PermissionDenied(_("You may not change this item."))
        # Without the house: an item that moved with its booking would not match the old one.
        locked: LostFoundItem = LostFoundItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        _check_transition(locked, status, claimed_by)
        day = on or _find_today(locked.property)
        is_claimed = status == LostFoundStatus.CLAIMED
        if status in GONE:
            locked.disposed_on, locked.disposal_note = day, note
        else:
            locked.claimed_by = claimed_by.strip() if is_claimed else ""
            locked.claimed_on = day if is_claimed else None
        locked.status = status
        locked.full_clean()
        locked.save()
    return locked


def add_photo(*, actor: User, item: LostFoundItem, image: "File[Any]") -> LostFoundPhoto:
    """Add a photo, which is checked and re-encoded.

    Args:
        actor: Who brings it.
        item: The thing.
        image: The photo.

    Raises:
        PermissionDenied: The actor may not, or does not see the item.
        ValidationError: The file is refused; its code says why.

    Costs six queries.
    """
    access = get_access(actor)
    is_seen = list_visible(access, LostFoundItem).filter(pk=item.pk).exists()
    if not (is_seen and access.may("api.add_lostfoundphoto")):
        raise PermissionDenied(_("You may not add a photo here."))
    photo = LostFoundPhoto(item=item, image=image)
    with making_changes():
        photo.full_clean()
        photo.save()
    return photo


def _find_today(house: Property) -> date:
    return timezone.localdate(timezone=ZoneInfo(house.time_zone))


def _check_transition(item: LostFoundItem, status: str, claimed_by: str) -> None:
    if status not in TRANSITIONS[item.status]:
        raise StateRefused(
            _("“%(item)s” is %(old)s; from there it cannot become %(new)s."),
            "transition",
            {"item": item, "old": item.get_status_display(), "new": status},
            field="status",
        )
    if status == LostFoundStatus.CLAIMED and not claimed_by.strip():
        message = ValidationError(_("Say who claimed it."), code="claimant")
        raise ValidationError({"claimed_by": message})
