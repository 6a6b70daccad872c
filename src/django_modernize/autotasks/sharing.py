"""Export and import templates as text, for version control and other installations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Field, Model
from django.utils.translation import gettext as _

from .exceptions import RulesInvalid
from .subjects import Subject

__all__ = ["ReadRules", "read_rules", "write_rules"]

FORMAT: Final = 1
NUL: Final = "\\u0000"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRules:
    """The result of importing templates."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


def write_rules(subject: Subject, templates: Iterable[Any]) -> str:
    """Return templates as JSON, with the same text for the same templates.

    Foreign keys are written as defined by ``references`` of the model. Others are omitted.
    """
    rules = [_write_template(one) for one in templates]
    data = {"format": FORMAT, "about": subject.key, "rules": rules}
    return json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False) + "\n"


def read_rules(subject: Subject, text: str, *, dry_run: bool = False) -> ReadRules:
    """Import templates from a text, updating existing ones with the same name.

    Tasks remain unchanged until the rules run. Templates that are not in the text remain.

    Args:
        subject: The subject of the templates.
        text: The result of :func:`write_rules`.
        dry_run: Whether to report what would be done without doing it.

    Raises:
        RulesInvalid: The text is invalid. Nothing was stored. The error lists all problems.

    Costs a few queries for each template.
    """
    data = _parse_text(subject, text)
    outcome: dict[str, list[str]] = {"created": [], "changed": [], "unchanged": []}
    problems: list[str] = []
    with transaction.atomic():
        for position, values in enumerate(data, start=1):
            name = values.get("name") if isinstance(values, dict) else None
            try:
                outcome[_read_template(subject, values)].append(str(name))
            except ValidationError as error:
                rule = _("rule %(position)d (%(name)s)") % {"position": position, "name": name}
                problems += [f"{rule}: {line}" for line in _list_lines(error)]
        if problems:
            raise RulesInvalid(problems)
        transaction.set_rollback(dry_run)
    return ReadRules(**{word: tuple(names) for word, names in outcome.items()})


def _parse_text(subject: Subject, text: str) -> list[Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RulesInvalid([_("it is no JSON: %(error)s") % {"error": error}]) from None
    # Databases do not accept NUL characters, and no rule needs one.
    if NUL in text:
        raise RulesInvalid([_("it has a NUL character")])
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise RulesInvalid([_('expected an object with "format": %(format)d') % {"format": FORMAT}])
    if data.get("about") != subject.key or not isinstance(data.get("rules"), list):
        problem = _('expected "about": "%(key)s" and a list of "rules"')
        raise RulesInvalid([problem % {"key": subject.key}])
    rules: list[Any] = data["rules"]
    return rules


def _list_fields(model: type[Model]) -> list[Any]:
    machine = {"subject_key"}
    return [
        field
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if field.editable and not field.primary_key and field.name not in machine
    ]


def _find_reference(model: type[Model], field: Any) -> str | None:
    references = getattr(model, "references", {})
    found: str | None = references.get(field.name)
    return found


def _write_template(template: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in _list_fields(type(template)):
        reference = _find_reference(type(template), field)
        if field.many_to_many:
            if reference:
                related = getattr(template, field.name).values_list(reference, flat=True)
                values[field.name] = sorted(related)
        elif not field.is_relation:
            values[field.name] = getattr(template, field.name)
        elif reference:
            related = getattr(template, field.name)
            values[field.name] = None if related is None else getattr(related, reference)
    return values


def _read_template(subject: Subject, values: Any) -> str:
    """Save a template, and return whether it was created, changed or unchanged."""
    if not isinstance(values, dict) or not isinstance(values.get("name"), str):
        raise ValidationError(_("a rule is an object with a name"))
    known = {field.name: field for field in _list_fields(subject.templates)}
    if unknown := sorted(set(values) - set(known)):
        problem = _("%(names)s is none of: %(known)s")
        names = {"names": ", ".join(unknown), "known": ", ".join(sorted(known))}
        raise ValidationError(problem % names)
    stored = _find_stored(subject, values["name"])
    template: Any = stored or subject.templates(subject_key=subject.key)
    before = _write_template(stored) if stored else None
    people = _set_values(template, {known[name]: value for name, value in values.items()})
    template.full_clean()
    if before is not None and _is_same(before, template, values):
        return "unchanged"
    shape = subject.shape
    if shape.judge is not None:
        shape.judge(template, people.get(shape.rotation or ""))
    template.save()
    for name, related in people.items():
        getattr(template, name).set(related)
    return "changed" if stored else "created"


def _find_stored(subject: Subject, name: str) -> Any:
    """Return the template with a name, or ``None`` if there is none."""
    stored = list(subject.templates._default_manager.filter(subject_key=subject.key, name=name))
    if len(stored) > 1:
        raise ValidationError(_("there are several templates of that name: rename them first"))
    return stored[0] if stored else None


def _set_values(template: Any, values: dict[Any, Any]) -> dict[str, list[Any]]:
    """Set the values of a template, and return those that can only be set once it is saved."""
    model, later = type(template), {}
    for field, value in values.items():
        if field.many_to_many:
            if not isinstance(value, list):
                raise ValidationError({field.name: _("a list is expected")})
            later[field.name] = [_find_related(model, field, one) for one in value]
        elif field.is_relation and value is not None:
            setattr(template, field.name, _find_related(model, field, value))
        else:
            setattr(template, field.name, _read_value(field, value))
    return later


def _is_same(before: dict[str, Any], template: Any, values: dict[str, Any]) -> bool:
    after = {**_write_template(template), **{name: values[name] for name in values}}
    encode = DjangoJSONEncoder(sort_keys=True).encode
    return encode({name: before.get(name) for name in after}) == encode(after)


def _read_value(field: Field[Any, Any], value: Any) -> Any:
    try:
        return None if value is None else field.to_python(value)
    except ValidationError as error:
        raise ValidationError({field.name: error}) from None
    except (TypeError, ArithmeticError):
        raise ValidationError({field.name: _("that is no value of it")}) from None


def _find_related(model: type[Model], field: Any, value: Any) -> Any:
    reference = _find_reference(model, field)
    if reference is None:
        problem = _("it refers to another row in no way that is known here")
        raise ValidationError({field.name: problem})
    if not isinstance(value, str | int):
        raise ValidationError({field.name: _("that is no value of it")})
    found = field.related_model._default_manager.filter(**{reference: value}).first()
    if found is None:
        problem = _("there is no %(reference)s %(value)s")
        raise ValidationError(
            {field.name: problem % {"reference": reference, "value": repr(value)}}
        )
    return found


def _list_lines(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{name}: {line}" for name, lines in error.message_dict.items() for line in lines]
    return list(error.messages)
