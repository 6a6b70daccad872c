"""Documents of houses and bookings: adding and changing them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.utils.translation import gettext as _

from api.models import Document, Property, User
from api.services.acting import acting_as
from api.services.permission import get_access, list_visible, may_change_object

__all__ = ["add_document", "change_document"]


def add_document(
    *, actor: User, house: Property, file: "File[Any]", title: str, **details: Any
) -> Document:
    """Add a document to a house.

    Args:
        actor: Who brings it, with ``api.add_document``.
        house: A house that the actor sees.
        file: A PDF file of at most 20 MB, without scripts, attachments and password.
        title: What it is called, at most 200 characters.
        **details: Further fields: ``booking``, ``document_type``, ``audience``.

    Raises:
        PermissionDenied: The actor may not, or does not see the house.
        ValidationError: The file is refused, its code says why; or a value is not right, as a
            booking of another house.

    Costs at most nine queries.
    """
    access = get_access(actor)
    is_seen = list_visible(access, Property).filter(pk=house.pk).exists()
    if not (is_seen and access.may("api.add_document")):
        raise PermissionDenied(_("You may not add documents to this house."))
    document = Document(property=house, file=file, title=title, **details)
    with acting_as(actor):
        document.full_clean()
        document.save()
    return document


def change_document(*, actor: User, document: Document, values: Mapping[str, Any]) -> Document:
    """Change the details of a document, or replace its file.

    Args:
        actor: Who does it, with ``api.change_document``.
        document: The paper.
        values: The fields to change.

    Raises:
        PermissionDenied: The actor may not change it.
        ValidationError: As of :func:`add_document`.
    """
    with acting_as(actor):
        if not may_change_object(get_access(actor), "api.change_document", document):
            raise PermissionDenied(_("You may not change this document."))
        row: Document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        for name, value in values.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
    return row
