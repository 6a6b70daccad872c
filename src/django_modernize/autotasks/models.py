"""Abstract models for task templates and the records of the tasks that they created.

A project subclasses them next to its own task model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .conditions.nodes import Node
from .conditions.parsing import parse_condition
from .exceptions import ConditionInvalid, SubjectError, TextInvalid
from .subjects import Subject, get_subject
from .texts import CompiledText, compile_text
from .timing import Timing, Unit
from .windows import list_bounds

__all__ = ["AutoTaskRecord", "AutoTaskTemplate", "ChangePolicy", "RecordState", "Trigger"]


class Trigger(models.TextChoices):
    """What causes a task to be created."""

    CREATED = "created", _("it exists")
    BY_DATE = "by_date", _("its day comes near")
    CHANGED = "changed", _("it is changed")
    CANCELLED = "cancelled", _("it is cancelled")
    DELETED = "deleted", _("it is deleted")
    RESTORED = "restored", _("it is restored")
    BY_HAND = "by_hand", _("somebody asks for it")


class ChangePolicy(models.TextChoices):
    """What happens to open tasks when their template changes."""

    LEAVE = "leave", _("leave them as they are")
    UPDATE = "update", _("bring them in line")


class AutoTaskTemplate(models.Model):
    """A rule that creates tasks: its trigger, conditions, due time and texts."""

    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    subject_key = models.CharField(_("about"), max_length=50)
    trigger = models.CharField(
        _("when"), max_length=20, choices=Trigger.choices, default=Trigger.CREATED
    )
    watched_fields = models.JSONField(
        _("watched fields"),
        default=list,
        blank=True,
        help_text=_("Which changes count; without any, each one."),
    )
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    anchor = models.CharField(_("counted from"), max_length=50)
    offset = models.IntegerField(
        _("offset"), default=0, help_text=_("Negative before, positive after.")
    )
    offset_unit = models.CharField(
        _("in"),
        max_length=10,
        choices=[(Unit.HOURS.value, _("hours")), (Unit.DAYS.value, _("days"))],
        default=Unit.DAYS.value,
    )
    local_time = models.TimeField(
        _("time of day"),
        null=True,
        blank=True,
        help_text=_("By the clock of the place; without it that of the anchor."),
    )
    days_earlier = models.PositiveIntegerField(
        _("days earlier"),
        default=0,
        help_text=_("So many days before it is due it may be done."),
    )
    days_later = models.PositiveIntegerField(
        _("days later"),
        default=0,
        help_text=_("So many days after it is due it may be done; within, it is not moved."),
    )
    not_before = models.CharField(
        _("never before"),
        max_length=50,
        blank=True,
        help_text=_("What it is never done before, however many days earlier."),
    )
    not_after = models.CharField(
        _("never after"),
        max_length=50,
        blank=True,
        help_text=_("What it is never done after, however many days later."),
    )
    horizon_days = models.PositiveIntegerField(
        _("days ahead"),
        default=14,
        help_text=_("How long before it is due a task is made, where its day has to come near."),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    skip_past = models.BooleanField(
        _("not for the past"),
        default=True,
        help_text=_("No task whose time has passed when it would be made."),
    )
    change_policy = models.CharField(
        _("open tasks, when this is changed"),
        max_length=10,
        choices=ChangePolicy.choices,
        default=ChangePolicy.UPDATE,
    )
    runs_after_commit = models.BooleanField(
        _("in the background"),
        default=False,
        help_text=_("After the change is stored, by a worker; else together with it."),
    )
    turn = models.PositiveIntegerField(_("turns taken"), default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True, editable=False)
    error = models.TextField(_("what went wrong"), blank=True, editable=False)

    RULE_FIELDS: ClassVar[tuple[str, ...]] = (
        "trigger",
        "watched_fields",
        "conditions",
        "anchor",
        "offset",
        "offset_unit",
        "local_time",
        "days_earlier",
        "days_later",
        "not_before",
        "not_after",
        "title",
        "description",
        "valid_from",
        "valid_until",
    )
    """The fields that define a template's rule. Changing one of them creates a new version."""

    MAX_DAYS: ClassVar[int] = 3660
    """How far from its anchor a task may be due, and how far ahead it may be created."""

    references: ClassVar[Mapping[str, str]] = {}
    """Maps each foreign key to the field that identifies its row in an export, such as
    ``{"assignee": "email"}``."""

    class Meta:
        abstract = True
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_valid_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the template, and increment the version if the rule has changed.

        Costs one query more than a plain save, to load the stored rule.
        """
        if not self._state.adding and self.has_new_rule():
            self.version += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        super().save(*args, **kwargs)

    @property
    def subject(self) -> Subject:
        """The registered subject of the template.

        Raises:
            SubjectError: Nothing is registered under its key.
        """
        return get_subject(self.subject_key)

    @property
    def timing(self) -> Timing:
        """The timing that defines when its tasks are due."""
        unit = Unit(self.offset_unit)
        return Timing(offset=self.offset, unit=unit, local_time=self.local_time)

    def compile_conditions(self) -> Node:
        """Return the compiled conditions.

        Raises:
            ConditionInvalid: The conditions are invalid.
        """
        return parse_condition(self.conditions, self.subject)

    def compile_texts(self) -> tuple[CompiledText, CompiledText]:
        """Return the compiled title and description.

        Raises:
            TextInvalid: One of them uses a name that it may not use.
        """
        return compile_text(self.title, self.subject), compile_text(self.description, self.subject)

    def clean(self) -> None:
        """Validate that the template can be planned.

        Raises:
            ValidationError: It cannot. The error names the invalid field.
        """
        super().clean()
        problems = self._find_problems()
        if problems:
            raise ValidationError(problems)

    def _find_problems(self) -> dict[str, Any]:
        try:
            subject = self.subject
        except SubjectError as error:
            return {"subject_key": str(error)}
        problems: dict[str, Any] = {}
        for name, compile_field in (
            ("conditions", lambda: parse_condition(self.conditions, subject)),
            ("title", lambda: compile_text(self.title, subject)),
            ("description", lambda: compile_text(self.description, subject)),
        ):
            try:
                compile_field()
            except (ConditionInvalid, TextInvalid) as error:
                problems[name] = error.messages
        if self.anchor not in subject.anchors:
            problems["anchor"] = (
                f"{self.anchor!r} is none of: {', '.join(sorted(subject.anchors))}."
            )
        if not isinstance(self.watched_fields, list) or not all(
            isinstance(one, str) and one in subject.fields for one in self.watched_fields
        ):
            problems["watched_fields"] = f"A list of: {subject.describe_names()}."
        return problems | self._find_wrong_bounds(subject) | self._find_wrong_times()

    def _find_wrong_bounds(self, subject: Subject) -> dict[str, Any]:
        known = list_bounds(subject)
        words = _("No day or instant; those are: %s.") % ", ".join(sorted(known))
        named = {name: getattr(self, name) for name in ("not_before", "not_after")}
        return {name: words for name, bound in named.items() if bound and bound not in known}

    def _find_wrong_times(self) -> dict[str, Any]:
        problems: dict[str, Any] = {}
        hours = abs(self.offset or 0) * (24 if self.offset_unit == Unit.DAYS else 1)
        if hours > self.MAX_DAYS * 24:
            problems["offset"] = _("At most %d days.") % self.MAX_DAYS
        for name in ("days_earlier", "days_later"):
            if (getattr(self, name) or 0) > self.MAX_DAYS:
                problems[name] = _("At most %d days.") % self.MAX_DAYS
        if (self.horizon_days or 0) > self.MAX_DAYS:
            problems["horizon_days"] = _("At most %d days ahead.") % self.MAX_DAYS
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            problems["valid_until"] = _("It lies before the first day.")
        return problems

    def has_new_rule(self) -> bool:
        """Return whether the rule differs from the stored one. Costs one query."""
        stored = type(self)._base_manager.filter(pk=self.pk).values(*self.RULE_FIELDS).first()
        return stored is not None and any(
            stored[name] != getattr(self, name) for name in self.RULE_FIELDS
        )


class RecordState(models.TextChoices):
    """The state of a task that a template created."""

    OPEN = "open", _("made")
    CANCELLED = "cancelled", _("cancelled with its subject")


class AutoTaskRecord(models.Model):
    """Records that a template made a task for a subject, so that it is not made twice.

    A project adds two keys: ``template`` to its ``AutoTaskTemplate``, and ``task`` to its task with
    ``null=True`` and ``on_delete=models.SET_NULL``, since the record outlives the task.
    """

    subject_key = models.CharField(max_length=50)
    subject_id = models.CharField(max_length=100)
    occurrence = models.CharField(max_length=100, blank=True)
    """Distinguishes several tasks: a day or an occasion. Empty if there is only one task."""

    template_version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RecordState.choices, default=RecordState.OPEN)
    inputs = models.CharField(max_length=32, blank=True)
    """A digest of everything from which the task was created."""

    due_at = models.DateTimeField(null=True)
    reason = models.JSONField(default=dict)
    """The reason: ``{"field": ..., "is": ..., "value": ..., "found": ...}``."""

    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                # The subject comes first, since plans select all records of some subjects.
                fields=["subject_key", "subject_id", "template", "occurrence"],
                name="%(app_label)s_%(class)s_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_key} {self.subject_id} {self.occurrence}".strip()
