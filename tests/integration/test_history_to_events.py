"""A history that was kept as text becomes events, and text again, with nothing lost."""

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.audit import AuditEvent, history, seal, verify
from django_modernize.audit.models import AuditContext
from django_modernize.audit.recording import RecordedEvent, record_events
from django_modernize.migrate import HistoryToEvents
from django_modernize.migrate.history_to_events import SOURCE
from tests.testapp.models import Ledger, Person

pytestmark = pytest.mark.django_db(transaction=True)

NOON = "2024-05-01T12:00:00+00:00"
CARRY = HistoryToEvents(
    "Job",
    "history",
    labels={"assignee": "assigned_to", "property name": "title"},
    phrases={"activated template": {"is_active": [False, True]}},
    batch_size=3,
)
JOB = migrations.CreateModel(
    "Job",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=100, null=True)),
        ("status", models.CharField(max_length=20, choices=[("in-progress", "In Progress")])),
        ("stock", models.DecimalField("current stock", max_digits=8, decimal_places=2, null=True)),
        ("due", models.DateTimeField("due date", null=True)),
        ("is_active", models.BooleanField(default=False)),
        ("assigned_to", models.ForeignKey("testapp.Person", models.SET_NULL, null=True)),
        ("history", models.TextField(null=True, default="[]")),
    ],
)


class Legacy:
    """A project with a model ``Job`` that keeps its history as text."""

    def __init__(self):
        self.before = ProjectState.from_apps(apps)
        self.migrate(JOB)
        self.model = self.state.apps.get_model("legacy", "Job")

    def migrate(self, *operations, atomic=True):
        migration = migrations.Migration("0001_step", "legacy")
        migration.operations, migration.atomic = list(operations), atomic
        before = getattr(self, "state", self.before)
        with connection.schema_editor(atomic=atomic) as editor:
            self.state = migration.apply(before.clone(), editor)
        return before

    def unapply(self, before, *operations):
        migration = migrations.Migration("0001_step", "legacy")
        migration.operations = list(operations)
        with connection.schema_editor() as editor:
            migration.unapply(before.clone(), editor)
        self.state = before

    def store(self, *lines):
        return self.model.objects.create(history=json.dumps(list(lines)))

    def texts(self):
        model = self.state.apps.get_model("legacy", "Job")
        return dict(model.objects.values_list("pk", "history"))


@pytest.fixture
def legacy():
    legacy = Legacy()
    yield legacy
    with connection.schema_editor() as editor:
        editor.delete_model(legacy.model)


@pytest.fixture
def ann():
    return Person.objects.create(username="ann")


def carried():
    return AuditEvent.objects.filter(source=SOURCE).order_by("id")


def carry_line(legacy, line):
    legacy.store(line)
    legacy.migrate(CARRY)
    return carried().get()


def test_a_sentence_becomes_an_event_of_its_time_and_user(legacy, ann):
    event = carry_line(legacy, f"{NOON}: ann changed status from 'open' to 'In Progress'")
    assert event.created_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert (event.actor_id, event.actor_label, event.action) == (ann.pk, "ann", "update")
    assert event.changes["status"] == ["open", "in-progress"]


@pytest.mark.parametrize(
    ("said", "name", "pair"),
    [
        ("property name from 'A' to 'B'", "title", ["A", "B"]),
        ("assignee from 'unassigned' to 'ann'", "assigned_to", [None, "ann"]),
        ("current stock from 5 rolls to 12.5 rolls", "stock", ["5.00", "12.50"]),
        ("due date from 'None' to '2024-05-02 10:00:00+02:00'", "due",
         [None, "2024-05-02T08:00:00+00:00"]),
        ("is_active from 'True' to 'False'", "is_active", [True, False]),
        ("status from 'a' to 'b' to 'in-progress'", "status", None),
        ("title from 'to do' to 'to 'the' garden'", "title", ["to do", "to 'the' garden"]),
        ("title from 'a' to 'b' to 'c'", "title", None),
        ("title from 'a to b' to 'c'", "title", ["a to b", "c"]),
        ("title from ' to 'x'", "title", None),
        ("due date from None to 2024-05-02 10:00", "due", [None, "2024-05-02T10:00:00+00:00"]),
        ("weather from 'rain' to 'sun'", "weather", None),
        ("current stock from 'many' to 'few'", "stock", None),
    ],
)  # fmt: skip
def test_values_are_the_fields_own_unless_they_could_be_read_in_two_ways(
    legacy, ann, said, name, pair
):
    raw = f"{NOON}: ann changed {said}"
    event = carry_line(legacy, raw)
    expected = pair and [ann.pk if value == "ann" else value for value in pair]
    assert event.changes.get(name) == expected
    assert event.changes["history entry"] == [None, raw]


def test_a_sentence_that_no_column_can_hold_is_kept_in_the_text_alone(legacy):
    raw = f"{NOON}: ann changed title from 'a' to '\ud800'"
    event = carry_line(legacy, raw)
    assert "title" not in event.changes
    assert event.created_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    legacy.unapply(legacy.state, CARRY)
    assert [json.loads(text) for text in legacy.texts().values()] == [[raw]]


def test_a_migration_that_knows_no_users_keeps_who_did_it_as_a_name(legacy, ann):
    legacy.store(f"{NOON}: ann changed status from 'open' to 'closed'")
    legacy.state.remove_field("legacy", "job", "assigned_to")
    legacy.state.remove_model("testapp", "person")
    operation = HistoryToEvents("Job", "history")
    # What a migration cannot see, its models do not lead to.
    lone = ProjectState()
    lone.add_model(legacy.state.models["legacy", "job"].clone())
    with connection.schema_editor() as editor:
        operation.database_forwards("legacy", editor, lone, lone)
    event = carried().get()
    assert (event.actor_id, event.actor_label) == (None, "ann")
    assert operation.deconstruct() == ("HistoryToEvents", ["Job", "history"], {})


def test_a_creation_a_phrase_and_a_fallback_name_are_understood(legacy):
    legacy.store(
        f"{NOON}: system created task",
        f"{NOON}: unknown activated template",
        f"{NOON}: gone marked as read",
    )
    legacy.migrate(CARRY)
    created, activated, marked = carried()
    assert (created.action, created.actor_id, created.actor_label) == ("create", None, "system")
    assert activated.changes["is_active"] == [False, True]
    assert (marked.action, marked.actor_label, len(marked.changes)) == ("update", "gone", 1)


QUIRKS = [
    "",
    None,
    "[]",
    "[ ]",
    "null",
    "no JSON",
    '{"a": 1}',
    "[1, null]",
    '["2024-05-01T12:00:00+00:00: ann created task", "2024-05-0',
    '["no time", "two: colons: here", ""]',
    json.dumps(["é"], ensure_ascii=False),
    json.dumps(["é", "half a pair \ud800", "NUL \0"]),
    json.dumps([f"{NOON}: \0 changed status from 'a' to 'b'"]),
    json.dumps(["same", "same"]),
    json.dumps(["one", "two"], indent=2),
    "[" * 5000,
]


@pytest.mark.parametrize("atomic", [True, False])
def test_whatever_the_text_was_it_comes_back_byte_for_byte(legacy, atomic):
    jobs = [legacy.model.objects.create(history=text) for text in QUIRKS]
    before = legacy.texts()
    unrelated = Ledger.objects.create(title="stays")
    there = AuditEvent.objects.count(), AuditContext._base_manager.count()
    drop = migrations.RemoveField("Job", "history")
    start = legacy.migrate(CARRY, atomic=atomic)
    middle = legacy.migrate(drop)
    legacy.unapply(middle, drop)
    legacy.unapply(start, CARRY)
    assert len(jobs) == len(before)
    assert legacy.texts() == before
    assert (AuditEvent.objects.count(), AuditContext._base_manager.count()) == there
    assert AuditEvent.objects.for_object(unrelated).exists()


def test_a_second_run_goes_on_where_the_first_was_killed(legacy):
    for number in range(7):
        legacy.store(f"{NOON}: ann created task", f"{NOON}: ann added photo {number}")

    class Killed(Exception):
        pass

    batches = []

    class Dying(HistoryToEvents):
        def carry_over(self, rows, state, using):
            super().carry_over(rows, state, using)
            batches.append(rows)
            if len(batches) == 2:
                raise Killed

    with pytest.raises(Killed):
        legacy.migrate(Dying("Job", "history", batch_size=2), atomic=False)
    assert carried().count() == 4
    legacy.migrate(HistoryToEvents("Job", "history", batch_size=2), atomic=False)
    assert carried().count() == 14


def test_what_was_added_to_the_text_since_is_carried_over_by_the_next_run(legacy):
    job = legacy.store(f"{NOON}: ann created task")
    legacy.migrate(CARRY)
    job.history = json.dumps([*json.loads(job.history), "later"])
    job.save()
    legacy.migrate(CARRY)
    assert [event.changes["history entry"][1] for event in carried()] == json.loads(job.history)


def test_a_sealed_event_stays_and_is_not_written_twice(legacy):
    legacy.store(f"{NOON}: ann created task")
    start = legacy.migrate(CARRY)
    seal()
    before = legacy.texts()
    legacy.unapply(start, CARRY)
    assert verify().is_sound
    legacy.migrate(CARRY)
    assert carried().count() == 1
    assert legacy.texts() == before


def test_what_is_older_reads_as_older_though_it_was_written_later(legacy):
    ledger = Ledger.objects.create(title="new")
    old = RecordedEvent(
        object_type="testapp.ledger",
        object_id=str(ledger.pk),
        action="update",
        changes={"title": ["first", "second"]},
        created_at=datetime(2024, 5, 1, tzinfo=UTC),
    )
    record_events([old])
    assert [event.action for event in history(ledger)] == ["create", "update"]


def test_the_number_of_statements_does_not_depend_on_the_rows_of_a_batch(legacy, ann):
    operation = HistoryToEvents("Job", "history")

    def count(work):
        statements = []

        def note(execute, sql, params, many, context):
            statements.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            work()
        return len(statements)

    counts = []
    for rows in (2, 40):
        for _ in range(rows):
            legacy.store(f"{NOON}: ann changed status from 'a' to 'b'", f"{NOON}: bob created task")
        keys = list(legacy.model.objects.values_list("pk", flat=True))
        batch = list(legacy.model.objects.filter(pk__in=keys[-rows:]))
        forward = count(lambda batch=batch: operation.carry_over(batch, legacy.state, "default"))
        for row in batch:
            row.history = "[]"
        back = count(lambda batch=batch: operation.carry_back(batch, legacy.state, "default"))
        counts.append((forward, back))
    assert counts[0] == counts[1], counts


def test_the_operation_can_be_written_into_a_migration():
    text = OperationWriter(CARRY, indentation=0).serialize()[0]
    assert "HistoryToEvents(" in text
    made = HistoryToEvents(*CARRY.deconstruct()[1], **CARRY.deconstruct()[2])
    assert made.deconstruct() == CARRY.deconstruct()


TEXTS = st.text(max_size=60) | st.lists(st.text(max_size=30), max_size=4).map(json.dumps)


# To make and drop the tables costs more than many a text in them.
@settings(max_examples=6, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=10))
def test_any_text_comes_back(texts):
    stored = [text.replace("\0", "") for text in texts]
    legacy = Legacy()
    try:
        jobs = [legacy.model.objects.create(history=text) for text in stored]
        start = legacy.migrate(CARRY)
        legacy.model.objects.update(history="[]")
        legacy.unapply(start, CARRY)
        histories = legacy.model.objects.in_bulk([job.pk for job in jobs])
        assert [histories[job.pk].history for job in jobs] == stored
        assert not carried().exists()
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(legacy.model)
