"""Helpers for the portal's forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

__all__ = ["offer_rows", "show_refusal"]


def show_refusal(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Show a service's error, beside its field if the form has it."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Set the choices of a form field to some rows."""
    field: Any = form.fields[name]
    field.queryset = rows
