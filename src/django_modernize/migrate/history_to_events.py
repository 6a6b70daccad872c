"""Convert a history stored as text to events of the audit trail, and back."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.migrations.state import ProjectState
from django.db.models import Exists, Max, Model, OuterRef, Q
from django.utils import timezone

from ..audit.keys import object_key
from ..audit.ledger.models import AuditSeal
from ..audit.locking import unlocked
from ..audit.models import AuditAction, AuditContext, AuditEvent
from ..audit.recording import RecordedEvent, record_events
from ..context_values import LABEL_MAX_LENGTH
from .batches import BATCH_SIZE, BatchOperation
from .history_lines import HistoryLine, parse_line, read_entries, render_entries
from .history_values import find_changed_field, read_pair

__all__ = ["HistoryToEvents"]

SOURCE: Final = "text_history"
"""The source of events converted from a line of text."""

LOGGER: Final = logging.getLogger("django_modernize.migrate")

Changes = Mapping[str, Sequence[Any]]


@dataclass(slots=True)
class CarriedHistory:
    """What the trail already contains of one row's text."""

    entries: list[str] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)

    def rebuild(self) -> str | None:
        """Return the original text."""
        return self.texts[-1] if self.texts else render_entries(self.entries)


class HistoryToEvents(BatchOperation):
    r"""Converts a text column with a JSON list of sentences into events of the audit trail.

    A sentence such as ``2024-05-01T10:00:00+00:00: ann changed status from 'open' to 'done'``
    becomes an event of that time and user, with values of the field's type. Each event also keeps
    the sentence itself, as ``history entry``; a sentence that cannot be parsed, or is ambiguous,
    becomes an event with nothing else. A text that is not such a list, or was cut off, is kept as
    well (``history text``), along with the complete sentences in it. The column is left alone: drop
    it in an operation after this one.

    In reverse, the original text is restored, byte for byte, and the events are removed. An event
    that has been sealed stays, since its removal would look like tampering; migrating forwards
    again does not write it twice.

    >>> HistoryToEvents(  # doctest: +SKIP
    ...     "Task", "history",
    ...     labels={"assignee": "assigned_to"},
    ...     phrases={"activated template": {"is_active": [False, True]}},
    ... )

    Args:
        model_name: The model, in the app of the migration.
        field_name: The text column.
        labels: Maps what the sentences call a field to its name. Names and verbose names need no
            entry.
        phrases: Maps the text of a sentence without values to the changes that it means.
        batch_size: How many rows to read at once.

    Costs, for each batch, six statements forward and nine back, however many rows it has, and two
    for each thousand events. The migration must depend on the last one of ``modernize_audit``.
    """

    def __init__(
        self,
        model_name: str,
        field_name: str,
        *,
        labels: Mapping[str, str] | None = None,
        phrases: Mapping[str, Changes] | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        super().__init__(model_name, batch_size=batch_size)
        self.field_name = field_name
        self.labels = dict(labels or {})
        self.phrases = dict(phrases or {})

    @property
    def entry_name(self) -> str:
        """The name of the sentence in an event, with a space so that no field can have it."""
        return f"{self.field_name} entry"

    @property
    def text_name(self) -> str:
        """The name in an event of a text that is not equal to its sentences."""
        return f"{self.field_name} text"

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to recreate the operation."""
        options: dict[str, Any] = {"labels": self.labels, "phrases": self.phrases}
        said = {name: value for name, value in options.items() if value}
        if self.batch_size != BATCH_SIZE:
            said["batch_size"] = self.batch_size
        return type(self).__name__, [self.model_name, self.field_name], said

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Carry {self.field_name} of {self.model_name} into the audit trail"

    def carry_over(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Write the events that are missing for a batch of rows."""
        texts = {object_key(row): getattr(row, self.field_name) for row in rows}
        lines = {
            key: [parse_line(entry) for entry in read_entries(text)] for key, text in texts.items()
        }
        untold = [key for key, text in texts.items() if lines[key] or text != render_entries([])]
        if not untold:
            return
        model = type(rows[0])
        carried = self._read_carried(model, untold, using)
        users = _find_users(chain.from_iterable(lines.values()), using, state)
        events = [
            event
            for key in untold
            for event in self._describe_row(model, key, texts[key], lines[key], carried[key], users)
        ]
        if events:
            record_events(events, using=using)

    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Put the texts of a batch of rows back, and remove their events."""
        model = type(rows[0])
        carried = self._read_carried(model, [object_key(row) for row in rows], using)
        changed = []
        for row in rows:
            history = carried.get(object_key(row))
            if history is not None and getattr(row, self.field_name) != history.rebuild():
                setattr(row, self.field_name, history.rebuild())
                changed.append(row)
        if changed:
            model._base_manager.using(using).bulk_update(changed, [self.field_name])
        if carried:
            self._remove_events(model, list(carried), using)

    def _describe_row(
        self,
        model: type[Model],
        key: str,
        text: str | None,
        lines: list[HistoryLine],
        carried: CarriedHistory,
        users: Mapping[str, Any],
    ) -> Iterator[RecordedEvent]:
        known = Counter(carried.entries)
        moments = _fill_moments(lines)
        for line, moment in zip(lines, moments, strict=True):
            if known[line.raw]:
                known[line.raw] -= 1
                continue
            carried.entries.append(line.raw)
            yield self._describe_line(model, key, line, moment, users)
        if carried.rebuild() != text:
            yield RecordedEvent(
                object_type=model._meta.label_lower,
                object_id=key,
                action=AuditAction.UPDATE,
                changes={self.text_name: [None, text]},
                created_at=moments[-1] if moments else timezone.now(),
                source=SOURCE,
            )

    def _describe_line(
        self,
        model: type[Model],
        key: str,
        line: HistoryLine,
        moment: datetime,
        users: Mapping[str, Any],
    ) -> RecordedEvent:
        is_creation = line.phrase.startswith("created ")
        return RecordedEvent(
            object_type=model._meta.label_lower,
            object_id=key,
            action=AuditAction.CREATE if is_creation else AuditAction.UPDATE,
            changes={**self._read_changes(model, line, users), self.entry_name: [None, line.raw]},
            created_at=moment,
            actor_id=users.get(line.who),
            actor_label=line.who[:LABEL_MAX_LENGTH],
            source=SOURCE,
        )

    def _read_changes(
        self, model: type[Model], line: HistoryLine, users: Mapping[str, Any]
    ) -> Changes:
        if not line.label:
            return self.phrases.get(line.phrase, {})
        changed = find_changed_field(model, line.label, self.labels)
        pair = None if changed is None else read_pair(changed, line.values, users)
        return {} if changed is None or pair is None else {changed.name: pair}

    def _find_events(self, model: type[Model], keys: list[str], using: str) -> Any:
        written = [Q(changes__contains=f'"{name}":') for name in (self.entry_name, self.text_name)]
        return AuditEvent._base_manager.using(using).filter(
            written[0] | written[1],
            object_type=model._meta.label_lower,
            object_id__in=keys,
            source=SOURCE,
        )

    def _read_carried(
        self, model: type[Model], keys: list[str], using: str
    ) -> dict[str, CarriedHistory]:
        found = self._find_events(model, keys, using).order_by("id")
        carried: dict[str, CarriedHistory] = defaultdict(CarriedHistory)
        for key, changes in found.values_list("object_id", "changes"):
            if self.text_name in changes:
                carried[key].texts.append(changes[self.text_name][1])
            else:
                carried[key].entries.append(changes[self.entry_name][1])
        return carried

    def _remove_events(self, model: type[Model], keys: list[str], using: str) -> None:
        sealed = AuditSeal._base_manager.using(using).aggregate(last=Max("last_id"))["last"] or 0
        events = self._find_events(model, keys, using)
        if kept := events.filter(pk__lte=sealed).count():
            LOGGER.warning(
                "%s: %s events were sealed and stay in the trail.", self.describe(), kept
            )
        removed = events.filter(pk__gt=sealed)
        contexts = list(removed.order_by().values_list("context", flat=True).distinct())
        with unlocked(using):
            removed._raw_delete(using)
            _remove_contexts([number for number in contexts if number is not None], using)


def _remove_contexts(numbers: list[int], using: str) -> None:
    """Remove contexts that no event references any more."""
    told = Exists(AuditEvent._base_manager.using(using).filter(context=OuterRef("pk")))
    orphans = AuditContext._base_manager.using(using).filter(~told, pk__in=numbers)
    orphans._raw_delete(using)


def _find_users(lines: Iterable[HistoryLine], using: str, state: ProjectState) -> dict[str, Any]:
    """Return the keys of all who are named in some lines. Costs a query."""
    said = chain.from_iterable((line.who, *chain.from_iterable(line.values)) for line in lines)
    names = {name for name in said if 0 < len(name) <= LABEL_MAX_LENGTH}
    user_model = get_user_model()
    try:
        historical = state.apps.get_model(user_model._meta.label)
    except LookupError:
        # The migration does not depend on the user model, so only the name is kept.
        return {}
    found = historical._base_manager.using(using).filter(
        **{f"{user_model.USERNAME_FIELD}__in": sorted(names)}
    )
    return dict(found.values_list(user_model.USERNAME_FIELD, "pk"))


def _fill_moments(lines: list[HistoryLine]) -> list[datetime]:
    """Return the time of each line, or that of its neighbor if it has none."""
    known = [line.at for line in lines if line.at is not None]
    last = known[0] if known else timezone.now()
    moments = []
    for line in lines:
        last = line.at or last
        moments.append(last)
    return moments
