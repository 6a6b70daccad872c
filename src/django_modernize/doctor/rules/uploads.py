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
            "name that the uploader chose.",
            fix=f"from django_modernize.uploads import {policy}, {secure}; "
            f"{field.name} = {secure}(policy={policy}, ...)",
            place=project.find_place(model, field),
        )


UNCHECKED_UPLOAD: Final = Rule(
    id="W403",
    title="unchecked upload",
    reason="Validators run in forms only. An HTML page with a script, named like an image, is "
    "served from your own domain, and a small image can decompress to gigabytes.",
    level=Level.WARNING,
    examine=find_unchecked_uploads,
)
