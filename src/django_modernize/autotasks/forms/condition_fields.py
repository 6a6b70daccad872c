"""The field of a form in which a condition is put together row by row, or written as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext as _

from ..choices import find_choices
from ..conditions.nodes import OPERATORS
from ..conditions.parsing import parse_condition
from ..describing import OPERATOR_LABELS
from ..exceptions import ConditionInvalid
from ..subjects import Subject
from .condition_rows import GROUPS, ConditionRow, ProblemInRow, read_tree, write_tree

__all__ = ["ConditionField", "ConditionWidget"]

MAX_ROWS: Final = 40
PARTS: Final = tuple(field.name for field in fields(ConditionRow))


class ConditionWidget(forms.Widget):
    """Rows of field, comparison and value; everything works without the script, less smoothly."""

    template_name = "admin/modernize_autotasks/condition.html"
    empty_rows: ClassVar[int] = 2
    """How many further rows are offered."""

    class Media:
        css = {"all": ["modernize_autotasks/rules.css"]}
        js = ["modernize_autotasks/conditions.js"]

    def __init__(self, subject: Subject | None = None) -> None:
        super().__init__()
        self.subject = subject

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return what was filled in, as it was filled in."""
        if f"{name}-text" in data:
            return {"text": data[f"{name}-text"]}
        count = data.get(f"{name}-count", "0")
        rows = min(int(count), MAX_ROWS) if count.isdecimal() else 0
        return {
            "word": "any" if data.get(f"{name}-word") == "any" else "all",
            "rows": [
                {part: data.get(f"{name}-{index}-{part}", "") for part in PARTS}
                for index in range(rows)
            ],
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell that it is always there."""
        return False

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the rows with what may be chosen in each."""
        context = super().get_context(name, value, attrs)
        if self.subject is None:
            return context
        filled = self._fill(value)
        if filled is None:
            text = value.get("text") if isinstance(value, dict) and "text" in value else None
            shown = json.dumps(value, indent=2) if text is None else text
            context["widget"] |= {"text": shown}
            return context
        word, rows = filled
        empty = [ConditionRow() for _number in range(self.empty_rows)]
        context["widget"] |= {
            "word": word,
            "rows": [asdict(row) for row in [*rows, *empty]],
            "groups": GROUPS,
            "fields": _list_fields(self.subject),
            "operators": _list_operators(),
        }
        return context

    def _fill(self, value: Any) -> tuple[str, list[ConditionRow]] | None:
        if isinstance(value, dict) and "rows" in value:
            rows = [ConditionRow(**_make_row(one)) for one in value["rows"] if one["field"]]
            return value["word"], rows
        if isinstance(value, dict) and "text" in value:
            return None
        assert self.subject is not None  # noqa: S101 - asked by the caller
        return read_tree(value, self.subject)


def _list_fields(subject: Subject) -> list[dict[str, Any]]:
    """Return what the template offers as fields to compare."""
    return [
        {
            "name": field.name,
            "label": field.label,
            "kind": field.kind.value,
            "choices": list(find_choices(field).values()),
        }
        for field in subject.fields.values()
    ]


def _list_operators() -> list[dict[str, Any]]:
    """Return what the template offers as comparisons, each with the kinds of fields it fits."""
    return [
        {"value": operator.value, "label": label, "kinds": " ".join(sorted(OPERATORS[operator]))}
        for operator, label in OPERATOR_LABELS.items()
    ]


class HiddenConditionWidget(forms.HiddenInput):
    """A condition that a page holds, as the text that a person could have written."""

    def format_value(self, value: Any) -> str:
        """Return the text of a condition."""
        is_written = isinstance(value, dict) and isinstance(value.get("text"), str)
        return value["text"] if is_written else json.dumps(value or {})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return what the page held, as a text that was filled in."""
        return {"text": data.get(name, "")}


class ConditionField(forms.Field):
    """A condition, as rows or as JSON where it is too deep for rows."""

    widget: type[ConditionWidget] = ConditionWidget
    hidden_widget = HiddenConditionWidget

    def __init__(self, *, subject: Subject, **kwargs: Any) -> None:
        self.subject = subject
        super().__init__(widget=self.widget(subject), required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the condition as JSON.

        Raises:
            ValidationError: A row, or the text, cannot be understood.
        """
        if "text" in value:
            return self._check(_read_json(value["text"]))
        rows = [ConditionRow(**_make_row(one)) for one in value["rows"]]
        try:
            return self._check(write_tree(value["word"], rows, self.subject))
        except ProblemInRow as error:
            problem = _("Row %(number)d: %(problem)s") % {"number": error.number, "problem": error}
            raise forms.ValidationError(problem, code="condition_row") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another condition was filled in; what was shown may come back as text."""
        try:
            known = self.clean(initial) if initial and "text" in initial else initial
            return bool(self.clean(data) != (known or {}))
        except forms.ValidationError:
            return True

    def _check(self, tree: Any) -> Any:
        try:
            parse_condition(tree, self.subject)
        except ConditionInvalid as error:
            raise forms.ValidationError(error.messages, code="condition_invalid") from None
        return tree


def _make_row(data: Mapping[str, str]) -> dict[str, Any]:
    return {**data, "negated": bool(data["negated"])}


def _read_json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError as error:
        problem = _("This is no JSON: %(error)s") % {"error": error}
        raise forms.ValidationError(problem, code="json") from None
