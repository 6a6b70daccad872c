"""The forms of the import."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from api.models import BookingImportPlanRow, BookingImportTemplate, Property
from api.models.import_plan import RowAction

__all__ = ["LabelForm", "RowForm", "UploadForm"]


class UploadForm(forms.Form):
    """A file, and how to read it; the service checks the content."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Drop an Excel workbook (.xlsx), a CSV file or a calendar (.ics) here, or choose one."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.ics", "class": "dropzone"}),
    )
    template = forms.ModelChoiceField(
        BookingImportTemplate.objects.none(),
        label=_("Read it as"),
        required=False,
        empty_label=_("The company's schedule"),
    )
    sheet = forms.CharField(
        label=_("Sheet"),
        required=False,
        max_length=100,
        help_text=_("Only where it is not “Cleaning schedule”."),
    )

    def __init__(
        self, *args: Any, templates: QuerySet[BookingImportTemplate], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["template"]
        field.queryset = templates


class LabelForm(forms.Form):
    """What a label means: an existing house, or a new one if none is selected."""

    property = forms.ModelChoiceField(Property.objects.none(), required=False)

    def __init__(self, *args: Any, houses: QuerySet[Property], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["property"]
        field.queryset = houses


class RowForm(forms.Form):
    """The decision about one row."""

    action = forms.ChoiceField(choices=[("", ""), *RowAction.choices], required=False)
    fields_taken = forms.MultipleChoiceField(required=False)
    target = forms.ModelChoiceField(Property.objects.none(), required=False)

    def __init__(
        self, *args: Any, row: BookingImportPlanRow, houses: QuerySet[Property], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        names = [*row.changes, *row.encoding_changes]
        taken: Any = self.fields["fields_taken"]
        taken.choices = [(name, name) for name in names]
        target: Any = self.fields["target"]
        target.queryset = houses
