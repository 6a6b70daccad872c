"""Files that are stored as they were uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import FileField, ImageField

from ..findings import Level, Rule, Symptom
from ..names import describe_field
from ..projects import Project

__all__ = ["UNCHECKED_UPLOAD"]

PLAIN: Final = (FileField, ImageField)
"""Django's own: a field of a package or of the project may do more than these."""


def find_unchecked_uploads(project: Project) -> Iterator[Symptom]:
    """Yield plain file fields."""
    for model, field in project.list_fields():
        if type(field) not in PLAIN:
            continue
        secure, policy = (
            ("SecureImageField", "IMAGES")
            if isinstance(field, ImageField)
            else ("SecureFileField", "DOCUMENTS")
        )
        yield Symptom(
            subject=describe_field(model, field),
            message=f"{describe_field(model, field)} keeps a file of any size and type, under the "
            "name that its sender chose.",
            fix=f"from django_modernize.uploads import {policy}, {secure}; "
            f"{field.name} = {secure}(policy={policy}, ...)",
            place=project.find_place(model, field),
        )


UNCHECKED_UPLOAD: Final = Rule(
    id="W403",
    title="upload that nobody checks",
    reason="A validator runs in forms alone. A page with a script under a picture's name is served "
    "from your own address, and a small picture can unpack to gigabytes.",
    level=Level.WARNING,
    examine=find_unchecked_uploads,
)
