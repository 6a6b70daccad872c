"""The rows of a rule's condition in the portal; each offers what fits its field."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext

from django_modernize.autotasks.conditions.nodes import VALUE_LISTS, WITHOUT_VALUE, Operator
from django_modernize.autotasks.forms import ConditionWidget

__all__ = ["ConditionRows"]

SEVERAL: Final = VALUE_LISTS | {Operator.WEEKDAY}
"""The comparisons with more than one value."""

INPUT_TYPES: Final[Mapping[str, str]] = {
    "number": "number",
    "date": "date",
    "instant": "datetime-local",
}


class ConditionRows(ConditionWidget):
    """Rows that appear, disappear and change while they are filled in; the server renders them."""

    template_name = "portal/rules/conditions.html"
    empty_rows = 1
    use_fieldset = True

    class Media:
        css: Mapping[str, Any] = {}
        js: tuple[str, ...] = ()
        extend = False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the submitted values; of several checkboxes, all that are checked."""
        value = super().value_from_datadict(data, files, name)
        removed = data.get("remove", "")
        if "rows" not in value:
            return value
        value["is_shorter"] = removed.isdecimal()
        for number, row in enumerate(value["rows"]):
            if hasattr(data, "getlist"):
                row["value"] = ", ".join(data.getlist(f"{name}-{number}-value"))
            if removed == str(number):
                row["field"] = ""
        return value

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the rows, each with the comparisons and values that fit it."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        fields = {field["name"]: field for field in widget.get("fields", ())}
        # After a row is removed, focus moves to the add button, since the pressed button is gone.
        widget["focuses_new"] = isinstance(value, dict) and value.get("is_shorter", False)
        for row in widget.get("rows", ()):
            field = fields.get(row["field"])
            row |= _fit_row(row, field, widget["operators"]) if field else {}
        return context


def _fit_row(
    row: Mapping[str, Any], field: Mapping[str, Any], operators: list[dict[str, Any]]
) -> dict[str, Any]:
    fitting = [one for one in operators if field["kind"] in one["kinds"].split()]
    names = [one["value"] for one in fitting]
    operator = row["operator"] if row["operator"] in names else names[0]
    return {
        "operator": operator,
        "operators": fitting,
        "needs_value": operator not in WITHOUT_VALUE,
        "is_range": operator == "range",
        "is_several": operator in SEVERAL,
        "choices": _list_choices(field, operator),
        "chosen": [part.strip() for part in row["value"].split(",")],
        "input_type": INPUT_TYPES.get(field["kind"], "text"),
    }


def _list_choices(field: Mapping[str, Any], operator: str) -> list[str]:
    if operator == "weekday":
        return [str(day) for day in WEEKDAYS_ABBR.values()]
    if field["kind"] == "boolean":
        return [gettext("yes"), gettext("no")]
    if operator in ("equals", "changed_from", "changed_to", *VALUE_LISTS):
        return [str(choice) for choice in field["choices"]]
    return []
