"""Subjects: models registered with the fields that conditions and texts may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, ManyToManyField, Model, Q
from django.db.models.expressions import Combinable
from django.utils.functional import lazy
from django.utils.translation import gettext

from .exceptions import SubjectError
from .kinds import Kind, find_kind
from .links import Link, make_link
from .neighbours import Neighbours, make_fields
from .shapes import TaskShape

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = [
    "Subject",
    "SubjectField",
    "get_subject",
    "list_subjects",
    "make_subject",
    "register_subject",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectField:
    """A value that conditions and texts may use."""

    name: str
    """The name used in conditions and in the braces of a text."""

    source: str | Combinable
    """The path from the subject, such as ``property__name``, or an expression."""

    kind: Kind

    label: str | _StrPromise
    """The label, translated if the project's catalogs contain it."""

    choices: Mapping[Any, str] = field(default_factory=dict)
    """Maps values to labels, if the model's field has choices."""

    related: type[Model] | None = None
    """The model that the key or keys reference."""

    link: Link | None = None
    """Where keys are found."""

    @property
    def query_name(self) -> str:
        """The name in querysets: the path, or that of the annotation for an expression."""
        return self.source if isinstance(self.source, str) else f"computed_{self.name}"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model whose rows have automatic tasks."""

    key: str
    model: type[Model]
    templates: type[Model]
    records: type[Model]
    fields: Mapping[str, SubjectField]
    anchors: Mapping[str, str]
    """Maps names to the path of a day or an instant."""

    time_zone: str | None
    """The path of the name of a time zone, or ``None`` for that of the project."""

    cancelled: Q | None
    """Which subjects no longer need their tasks, in addition to deleted ones."""

    shape: TaskShape

    neighbours: Neighbours | None = None
    """How subjects follow one another, if rules may use the next or previous one."""

    @cached_property
    def living(self) -> Q:
        """Which subjects are neither deleted nor cancelled."""
        return make_living(self.model, self.cancelled)

    @cached_property
    def tasks(self) -> type[Model]:
        """The project's tasks."""
        related = self.records._meta.get_field("task").related_model
        if not isinstance(related, type):
            raise SubjectError(
                f"{self.records.__name__}.task is not a foreign key to the task model."
            )
        return related

    @cached_property
    def anchor_kinds(self) -> dict[str, Kind]:
        """Whether an anchor is a day or an instant."""
        return {
            name: find_kind(follow_path(self.model, path)) for name, path in self.anchors.items()
        }

    def name_anchor(self, name: str) -> str:
        """Return the label of an anchor."""
        return gettext(name.replace("_", " "))

    def describe_names(self) -> str:
        """Return the allowed names, for messages."""
        return ", ".join(sorted(self.fields))


translate_later: Final[Any] = lazy(lambda text: gettext(str(text)), str)

SUBJECTS: Final[dict[str, Subject]] = {}


def register_subject(
    model: type[Model],
    *,
    key: str,
    templates: type[Model],
    records: type[Model],
    fields: Sequence[str] | Mapping[str, str | SubjectField],
    anchors: Sequence[str] | Mapping[str, str],
    time_zone: str | None = None,
    cancelled: Q | None = None,
    neighbours: Neighbours | None = None,
    shape: TaskShape,
) -> Subject:
    """Let a model's rows have automatic tasks; call it in ``AppConfig.ready()``.

    Args:
        model: The subject, such as a booking.
        key: Its name in templates and records. It is stored, so never change it.
        templates: The project's ``AutoTaskTemplate``.
        records: The project's ``AutoTaskRecord``.
        fields: All that conditions and texts may use: names of fields, or names for paths,
            ``{"property_name": "property__name"}``. A path may end in a many-to-many field;
            conditions then ask what a subject has any or all of.
        anchors: Dates or datetimes that due dates are counted from.
        time_zone: The path of the name of the subject's time zone, ``"property__time_zone"``; local
            times of templates are that zone's. Without it they are the project's.
        cancelled: Which subjects no longer need their tasks. Deleted ones never do.
        neighbours: By what they follow one another. Rules may then use ``hours_to_next``,
            ``hours_since_previous``, and what it names of the one before and the one after.
        shape: How the project's tasks are written.

    Raises:
        SubjectError: A path does not exist, or leads to values that conditions cannot use; or the
            shape names fields that the tasks do not have.

    Costs no query. A second registration of a key replaces the first.
    """
    SUBJECTS[key] = make_subject(
        model,
        key=key,
        templates=templates,
        records=records,
        fields=fields,
        anchors=anchors,
        time_zone=time_zone,
        cancelled=cancelled,
        neighbours=neighbours,
        shape=shape,
    )
    return SUBJECTS[key]


def make_subject(
    model: type[Model],
    *,
    key: str,
    templates: type[Model],
    records: type[Model],
    fields: Sequence[str] | Mapping[str, str | SubjectField],
    anchors: Sequence[str] | Mapping[str, str],
    time_zone: str | None,
    cancelled: Q | None,
    shape: TaskShape,
    neighbours: Neighbours | None = None,
) -> Subject:
    """Return a subject, after checking its paths. See :func:`register_subject`."""
    named = fields if isinstance(fields, Mapping) else {name: name for name in fields}
    paths = anchors if isinstance(anchors, Mapping) else {name: name for name in anchors}
    made = {name: _make_field(model, name, source) for name, source in named.items()}
    if neighbours is not None:
        made |= make_fields(model, neighbours, made, make_living(model, cancelled))
    subject = Subject(
        key=key,
        model=model,
        templates=templates,
        records=records,
        fields=made,
        anchors=dict(paths),
        time_zone=time_zone,
        cancelled=cancelled,
        neighbours=neighbours,
        shape=shape,
    )
    _check_anchors(subject)
    _check_shape(subject)
    if time_zone is not None:
        follow_path(model, time_zone)
    return subject


def _check_shape(subject: Subject) -> None:
    """Refuse a shape with which the first task would fail."""
    shape, tasks = subject.shape, subject.tasks
    single = (
        *("due_at", "earliest", "latest", "title", "description"),
        *("subject", "assignee", "locked"),
    )
    named = {name: [getattr(shape, name)] for name in single if getattr(shape, name) is not None}
    mappings = ("from_subject", "from_template", "cancel", "reopen")
    named |= {name: list(getattr(shape, name)) for name in mappings}
    for argument, columns in named.items():
        for column in columns:
            try:
                tasks._meta.get_field(column.removesuffix("_id"))
            except FieldDoesNotExist:
                raise SubjectError(
                    f"TaskShape({argument}=…) names {column!r}, and {tasks.__name__} has no such "
                    "field. Name an existing field, or add one."
                ) from None
    for path in shape.from_subject.values():
        follow_path(subject.model, path)


def make_living(model: type[Model], cancelled: Q | None) -> Q:
    """Return the condition that a row is neither deleted nor cancelled."""
    marker = getattr(model, "deletion_marker", None)
    alive = Q((f"{marker}__isnull", True)) if marker else Q()
    return alive if cancelled is None else alive & ~cancelled


def get_subject(key: str) -> Subject:
    """Return a registered subject.

    Raises:
        SubjectError: Nothing is registered under that key.
    """
    if key not in SUBJECTS:
        known = ", ".join(sorted(SUBJECTS)) or "none"
        raise SubjectError(
            f"No subject {key!r} of automatic tasks is registered; known are: {known}. Call "
            "register_subject() in the ready() of an application."
        )
    return SUBJECTS[key]


def list_subjects() -> list[Subject]:
    """Return all registered subjects."""
    return list(SUBJECTS.values())


def follow_path(model: type[Model], path: str) -> Field[Any, Any]:
    """Return the field at the end of a path over keys.

    Raises:
        SubjectError: The path does not exist, or crosses a relation to many.
    """
    current: Any = model
    found: Any = None
    for part in path.split("__"):
        try:
            # A foreign key can also be given by its attribute name.
            found = current._meta.get_field(part.removesuffix("_id"))
        except (AttributeError, FieldDoesNotExist):
            raise SubjectError(
                f"{model.__name__} has no {path!r}: {part!r} is not a field or relation."
            ) from None
        if not isinstance(found, Field):
            raise SubjectError(f"{model.__name__}.{path} follows a relation to many rows.")
        current = found.related_model if isinstance(found, ForeignKey) else None
    return found  # type: ignore[no-any-return]


def _make_field(model: type[Model], name: str, source: str | SubjectField) -> SubjectField:
    if isinstance(source, SubjectField):
        return source
    target = follow_path(model, source)
    # The verbose name of another row's field would be ambiguous: "name".
    label = translate_later(name.replace("_", " ") if "__" in source else target.verbose_name)
    if isinstance(target, ManyToManyField):
        return _make_links(name, label, make_link(source, target))
    try:
        kind = find_kind(target)
    except ValueError as error:
        raise SubjectError(
            f"The field {name!r} of {model.__name__} cannot be used: {error}"
        ) from None
    return SubjectField(
        name=name,
        source=source,
        kind=kind,
        label=label,
        choices={} if kind is Kind.KEY else dict(target.flatchoices),
        related=target.related_model if isinstance(target, ForeignKey) else None,
    )


def _make_links(name: str, label: Any, link: Link) -> SubjectField:
    return SubjectField(
        name=name,
        source=link.list_keys(),
        kind=Kind.KEYS,
        label=label,
        related=link.related,
        link=link,
    )


def _check_anchors(subject: Subject) -> None:
    for name, kind in subject.anchor_kinds.items():
        if kind not in (Kind.DATE, Kind.INSTANT):
            raise SubjectError(
                f"The anchor {name!r} of {subject.model.__name__} is neither a date nor a datetime."
            )
