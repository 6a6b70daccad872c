"""Stamps of rows from before the stamps: from legacy columns, and from what the trail tells."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from django_modernize.audit.keys import object_key
from django_modernize.audit.recording import RecordedEvent, record_events
from django_modernize.migrate import BackfillStamps
from django_modernize.stamps.fields import SourceStampField, TimeStampField, UserStampField
from tests.testapp.models import Person

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
STAMPS = ["created_at", "modified_at", "created_by_id", "modified_by_id", "created_via"]
JOB = migrations.CreateModel(
    "Job",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("added_on", models.DateTimeField(null=True)),
        ("begun", models.DateField(null=True)),
        ("changed_on", models.DateTimeField(null=True)),
        ("owner", models.ForeignKey("testapp.Person", models.SET_NULL, null=True)),
        ("created_at", TimeStampField(null=True)),
        ("modified_at", TimeStampField(null=True, on_change=True)),
        ("booked_at", TimeStampField()),
        ("created_by", UserStampField("testapp.Person")),
        ("modified_by", UserStampField("testapp.Person", on_change=True)),
        ("created_via", SourceStampField()),
    ],
)
FROM_COLUMNS = BackfillStamps(
    "Job",
    {
        "created_at": "added_on",
        "modified_at": Coalesce("changed_on", "added_on"),
        "created_by": F("owner"),
        "created_via": Value("legacy"),
    },
    batch_size=2,
)
FROM_TRAIL = BackfillStamps("Job", from_trail=True, batch_size=2)


class Legacy:
    def __init__(self):
        state = ProjectState.from_apps(apps)
        JOB.state_forwards("legacy", state)
        self.state = state
        self.model = state.apps.get_model("legacy", "Job")

    def run(self, operation, forwards=True):
        name = "database_forwards" if forwards else "database_backwards"
        with connection.schema_editor(atomic=False) as editor:
            getattr(operation, name)("legacy", editor, self.state, self.state)

    def store(self, **values):
        """Store rows as they were before there were stamps."""
        row = self.model(**values)
        row.save()
        models.QuerySet(self.model).filter(pk=row.pk).update(
            **{name: "" if name == "created_via" else None for name in STAMPS}
        )
        row.refresh_from_db()
        return row

    def stamps(self):
        return list(self.model.objects.order_by("pk").values(*STAMPS))


NOTHING = {**dict.fromkeys(STAMPS), "created_via": ""}


@pytest.fixture
def legacy():
    legacy = Legacy()
    with connection.schema_editor() as editor:
        editor.create_model(legacy.model)
    yield legacy
    with connection.schema_editor() as editor:
        editor.delete_model(legacy.model)


@pytest.fixture
def ann():
    return Person.objects.create(username="ann")


def tell(row, hours, actor=None, action="update", source="manual"):
    event = RecordedEvent(
        object_type="legacy.job",
        object_id=object_key(row),
        action=action,
        changes={"owner": [None, None]},
        created_at=NOON + timedelta(hours=hours),
        actor_id=getattr(actor, "pk", actor),
        actor_label="somebody",
        source=source,
    )
    record_events([event], using="default")


def test_stamps_come_from_columns_and_go_again(legacy, ann):
    for hour in range(3):
        legacy.store(added_on=NOON + timedelta(hours=hour), owner_id=ann.pk)
    legacy.store(changed_on=NOON)
    legacy.run(FROM_COLUMNS)
    *first, last = legacy.stamps()
    assert [stamps["created_at"] for stamps in first] == [
        NOON + timedelta(hours=hour) for hour in range(3)
    ]
    assert {stamps["created_by_id"] for stamps in first} == {ann.pk}
    assert last == {**NOTHING, "modified_at": NOON, "created_via": "legacy"}
    legacy.run(FROM_COLUMNS, forwards=False)
    assert legacy.stamps() == [NOTHING] * 4


def test_columns_that_were_removed_since_get_their_values_back(legacy, ann, monkeypatch):
    operation = BackfillStamps(
        "Job", {"created_at": "begun", "modified_at": "changed_on", "created_by": F("owner")}
    )
    row = legacy.store(begun=NOON.date(), changed_on=NOON, owner_id=ann.pk)
    legacy.run(operation)
    begun = legacy.stamps()[0]["created_at"]
    # As RemoveField brings a column back: empty, or with one default for all rows.
    models.QuerySet(legacy.model).update(begun="2027-01-01", changed_on=NOON, owner=None)
    models.QuerySet(legacy.model).update(modified_at=NOON + timedelta(days=1))
    legacy.run(operation, forwards=False)
    row.refresh_from_db()
    assert row.begun.year == 2027  # the project has no model of today, so nothing was removed

    models.QuerySet(legacy.model).update(created_at=begun, created_by=ann.pk)
    monkeypatch.setattr(apps, "get_model", lambda *names: Person)
    legacy.run(operation, forwards=False)
    row.refresh_from_db()
    assert (row.begun, row.owner_id) == (NOON.date(), ann.pk)
    assert row.changed_on == NOON + timedelta(days=1)  # what changed since counts


def test_a_stamp_that_cannot_be_empty_is_refused(legacy):
    legacy.store(added_on=NOON)
    operation = BackfillStamps("Job", {"booked_at": "added_on"})
    with pytest.raises(ValueError, match=r"Job\.booked_at cannot be NULL here.*null=True"):
        legacy.run(operation)


def test_a_stamp_that_is_there_stays_both_ways(legacy):
    row = legacy.store(added_on=NOON)
    later = NOON + timedelta(days=1)
    models.QuerySet(legacy.model).filter(pk=row.pk).update(created_at=later, created_via="api")
    for forwards in (True, False):
        legacy.run(FROM_COLUMNS, forwards)
        (stamps,) = legacy.stamps()
        assert (stamps["created_at"], stamps["created_via"]) == (later, "api")


def test_stamps_come_from_the_first_and_the_last_event(legacy, ann):
    bob = Person.objects.create(username="bob")
    row, untold = legacy.store(), legacy.store()
    tell(row, 5, bob)
    tell(row, 1, ann, action="create", source="excel_import")
    tell(row, 9, source="migration")
    legacy.run(FROM_TRAIL)
    first, second = legacy.stamps()
    assert first == {
        "created_at": NOON + timedelta(hours=1),
        "created_by_id": ann.pk,
        "created_via": "excel_import",
        "modified_at": NOON + timedelta(hours=5),
        "modified_by_id": bob.pk,
    }
    assert second == NOTHING
    assert untold.pk
    legacy.run(FROM_TRAIL, forwards=False)
    assert legacy.stamps() == [NOTHING, NOTHING]


def test_columns_go_before_the_trail(legacy, ann):
    row = legacy.store(added_on=NOON - timedelta(days=9))
    tell(row, 1, ann, action="create")
    legacy.run(BackfillStamps("Job", {"created_at": "added_on"}, from_trail=True))
    (stamps,) = legacy.stamps()
    assert stamps["created_at"] == NOON - timedelta(days=9)
    assert stamps["created_by_id"] == ann.pk


def test_a_user_whom_the_trail_has_outlived_is_left_out(legacy):
    row = legacy.store()
    tell(row, 1, 4711, action="create")
    legacy.run(FROM_TRAIL)
    (stamps,) = legacy.stamps()
    assert (stamps["created_by_id"], stamps["created_at"]) == (None, NOON + timedelta(hours=1))


def test_a_batch_costs_a_statement_however_many_rows_it_has(legacy, django_assert_num_queries):
    for _ in range(6):
        legacy.store(added_on=NOON)
    operation = BackfillStamps("Job", {"created_at": "added_on"})
    rows = list(legacy.model.objects.all())
    with django_assert_num_queries(1):
        operation.carry_over(rows, legacy.state, "default")


@pytest.mark.parametrize("operation", [FROM_COLUMNS, FROM_TRAIL], ids=repr)
def test_it_can_be_written_down(operation):
    text, _imports = OperationWriter(operation, indentation=0).serialize()
    assert "batch_size=2" in text
    name, arguments, options = operation.deconstruct()
    assert BackfillStamps(*arguments, **options).deconstruct() == (name, arguments, options)
    assert operation.describe() == "Fill the stamps of Job"


def test_it_needs_something_to_go_by():
    with pytest.raises(ValueError, match="needs sources, or from_trail=True"):
        BackfillStamps("Job")
