"""Masked values: by stars or by a keyed hash, and never in clear, wherever one looks."""

import csv
import datetime as dt
import io
import json
import re
import uuid
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from django_modernize.audit import AuditEvent, as_of, erase, history, revert, track, tracking
from django_modernize.audit.admin.exports import EXPORTS
from django_modernize.audit.changes import ERASED
from django_modernize.audit.checks import check_hashes, check_tracked_names
from django_modernize.audit.masking import find_secret, list_secret_readers
from django_modernize.audit.reading import RevertConflict, describe_events
from django_modernize.audit.recording import RecordedEvent, record_events
from django_modernize.exceptions import TrackingError, TrailUnavailable
from django_modernize.triggers.installer import compare_triggers, synchronize_triggers
from tests.testapp.models import Book, EveryField, Keyword, Secret
from tests.testapp.models_audit import Ledger

pytestmark = pytest.mark.django_db

STARS = "********"
HASH = re.compile(r"\*{8}[0-9a-f]{32}")

only_hashing = pytest.mark.database_lacks("sqlite", reason="has no SHA-256 in SQL")

CLEAR = {
    "big": 4611686018427387,
    "binary": b"clear-binary",
    "boolean": True,
    "date": dt.date(2031, 7, 9),
    "moment": dt.datetime(2032, 8, 10, 11, 12, 13, 5, tzinfo=dt.UTC),
    "decimal": Decimal("77123.456"),
    "duration": dt.timedelta(days=1234, microseconds=7),
    "file": "clear-file.txt",
    "floating": 1234.56789,
    "address": "203.0.113.77",
    "json": {"clear": ["json"]},
    "text": "clear text",
    "time": dt.time(23, 58, 57, 6),
    "key": uuid.UUID(int=0xC1EA5),
}
FRAGMENTS = ("clear", b"clear".hex(), "4611686018427387", "2031", "2032", "77123", "1234", "203.0")


@contextmanager
def masked(model, **masks):
    """Mask fields of a model that is tracked without, or with other masks."""
    before = tracking._tracked[model]
    track(model, mask=masks)
    synchronize_triggers(connection)
    try:
        yield
    finally:
        tracking._tracked[model] = before
        synchronize_triggers(connection)


@pytest.fixture
def hashed():
    with masked(Secret, password="hash"):
        yield


@pytest.fixture(params=["stars", "hash"])
def kind(request):
    return request.param


def passwords(secret):
    """Return what the events of a secret show, the oldest first."""
    return [event.changes["password"] for event in history(secret).order_by("id")]


def write_passwords(*values):
    secret = Secret.objects.create(password=values[0])
    for value in values[1:]:
        Secret.objects.filter(pk=secret.pk).update(password=value)
    return secret


def read_secret():
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM modernize_audit_secret")
        return bytes(cursor.fetchone()[0])


@only_hashing
def test_a_hash_tells_that_a_value_is_another_and_when_it_comes_back(hashed):
    secret = write_passwords("one", "two", "one")
    (nothing, first), (same, second), (other, third) = passwords(secret)
    assert nothing is None
    assert HASH.fullmatch(first)
    assert HASH.fullmatch(second)
    assert (same, other, third) == (first, second, first)
    assert first != second


@only_hashing
def test_a_row_that_is_deleted_shows_the_hash_that_it_had(hashed):
    secret = write_passwords("one")
    key = secret.pk
    secret.delete()
    created, deleted = passwords(Secret(pk=key))
    assert deleted == [created[1], None]


@only_hashing
def test_hashes_of_two_objects_tell_nothing_of_one_another(hashed):
    first, second = (passwords(write_passwords("the same")) for _ in range(2))
    assert first != second


@only_hashing
def test_hashes_of_two_fields_tell_nothing_of_one_another():
    with masked(EveryField, text="hash", file="hash"):
        row = EveryField.objects.create(text="same", file="same")
    changes = history(row).get().changes
    assert changes["text"] != changes["file"]


@only_hashing
def test_the_same_value_has_the_same_hash_however_a_session_shows_it():
    with masked(EveryField, moment="hash", floating="hash"), connection.cursor() as cursor:
        row = EveryField.objects.create(moment=CLEAR["moment"], floating=0.1 + 0.2)
        cursor.execute("SET LOCAL timezone TO 'Asia/Tokyo'")
        cursor.execute("SET LOCAL extra_float_digits TO -3")
        row.delete()
    created, deleted = AuditEvent.objects.order_by("id")
    for name in ("moment", "floating"):
        assert created.changes[name][1] == deleted.changes[name][0]


@only_hashing
def test_the_key_of_the_hashes_stands_nowhere_but_in_its_table(hashed):
    write_passwords("one")
    secret = read_secret()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE prosrc LIKE '%modernize%'"
        )
        (sources,) = cursor.fetchone()
    assert len(secret) == 32
    assert secret.hex() not in sources
    out = io.StringIO()
    call_command("dumpdata", "modernize_audit", stdout=out)
    assert "auditevent" in out.getvalue()
    assert "secret" not in out.getvalue().replace("testapp.secret", "")


def test_no_field_of_any_kind_shows_its_value(kind):
    nothing = dict.fromkeys(CLEAR)
    with masked(EveryField, **dict.fromkeys(CLEAR, kind)):
        row = EveryField.objects.create(id=uuid.UUID(int=3), **CLEAR)
        EveryField.objects.update(**nothing)
        EveryField.objects.update(**CLEAR)
        row.delete()
        events = list(AuditEvent.objects.order_by("id"))
        created, emptied, filled, deleted = (event.decode_changes() for event in events)
        shown = read_everything(events)
    assert not [fragment for fragment in FRAGMENTS if fragment in shown]
    for name in CLEAR:
        mask = created[name][1]
        assert mask == STARS if is_starred(kind) else HASH.fullmatch(mask)
        assert (emptied[name], filled[name], deleted[name]) == (
            (mask, None),
            (None, mask),
            (mask, None),
        )


def is_starred(kind):
    return kind == "stars" or connection.vendor == "sqlite"


def read_everything(events):
    """Return what the trail shows of events: as text, in words and as files."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes FROM modernize_audit_event")
        stored = str(cursor.fetchall())
    words = [str(line) for told in describe_events(events) for line in told.lines]
    files = ["".join(map(str, write(events))) for _, write in EXPORTS.values()]
    # The stamps of the events themselves may hold any digits.
    values = [re.sub(r"\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d\S*", "", text) for text in files]
    assert json.loads(files[1].splitlines()[0])["changes"]
    assert list(csv.reader(io.StringIO(files[0])))
    # So may a hash.
    return HASH.sub("", " ".join([stored, *words, *values]))


def test_what_an_object_was_like_shows_no_masked_value(kind):
    with masked(Secret, password=kind):
        secret = write_passwords("clear")
        then = AuditEvent.objects.latest("id").created_at
        Secret.objects.update(password="clearer")
        now = AuditEvent.objects.latest("id").created_at
        assert [as_of(secret, when).password for when in (then, now)] == [STARS, STARS]


def test_a_masked_value_cannot_be_put_back(kind):
    with masked(Secret, password=kind):
        secret = write_passwords("clear", "other")
        plan = revert(history(secret).first(), preview=True)
        assert "password was masked" in str(plan.conflicts)
        assert "clear" not in str(plan)
        with pytest.raises(RevertConflict, match="password was masked"):
            revert(history(secret).first())
    assert Secret.objects.get().password == "other"


def test_a_conflict_does_not_show_the_value_of_a_field_that_was_masked_meanwhile(kind):
    book = Ledger.objects.create(title="old")
    Ledger.objects.update(title="new")
    event = history(book).first()
    with masked(Ledger, title=kind):
        Ledger.objects.update(title="clear")
        plan = revert(event, preview=True)
    assert "title is not" in str(plan.conflicts)
    assert "clear" not in str(plan.conflicts)


def test_links_are_masked_one_by_one(kind):
    book = Book.objects.create(title="a")
    words = [Keyword.objects.create(pk=key) for key in (987654, 987655)]
    with masked(Book, tags=kind):
        book.tags.add(*words)
        book.tags.remove(words[0])
        events = [e for e in history(book).order_by("id") if e.action.startswith("m2m")]
        added = [mask for event in events for mask in event.changes["tags"][1] or ()]
        removed = [mask for event in events for mask in event.changes["tags"][0] or ()]
        for event in events:
            with pytest.raises(RevertConflict, match="tags was masked"):
                revert(event)
        shown = read_everything(events)
    assert "98765" not in shown
    assert (len(added), len(removed)) == (2, 1)
    if is_starred(kind):
        assert {*added, *removed} == {STARS}
    else:
        assert len(set(added)) == 2
        assert removed[0] in added


def test_an_event_that_was_carried_over_does_not_show_a_masked_value(kind):
    changes = {"password": ["clear", "clearer"], "views": [1, 2]}
    with masked(Secret, password=kind):
        record_events(
            [
                RecordedEvent(
                    object_type="testapp.secret", object_id="1", action="update", changes=changes
                )
            ]
        )
    assert AuditEvent.objects.get().changes == {"password": [STARS, STARS], "views": [1, 2]}


def test_links_that_were_carried_over_are_masked_one_by_one(kind):
    with masked(Book, tags=kind):
        record_events(
            [
                RecordedEvent(
                    object_type="testapp.book",
                    object_id="1",
                    action="m2m_add",
                    changes={"tags": [None, [987654, 987655]]},
                )
            ]
        )
    assert AuditEvent.objects.get().changes == {"tags": [None, [STARS, STARS]]}


def test_an_erasure_of_a_masked_field_says_that_it_was_erased(kind):
    with masked(Secret, password=kind):
        erase(write_passwords("clear"), ["password"])
    assert AuditEvent.objects.get(action="erase").changes == {"password": [ERASED, ERASED]}


@only_hashing
def test_a_hash_can_be_erased(hashed):
    secret = write_passwords("one", "two")
    erase(secret, ["password"])
    assert not HASH.search(str([event.changes for event in history(secret)]))


@only_hashing
@pytest.mark.parametrize(
    "loss",
    [
        "ALTER TABLE modernize_audit_secret RENAME TO lost",
        "ALTER TABLE modernize_audit_secret DISABLE TRIGGER USER;"
        " DELETE FROM modernize_audit_secret",
    ],
)
def test_without_its_key_nothing_is_written(hashed, loss):
    with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(loss)
        with pytest.raises(TrailUnavailable), transaction.atomic():
            Secret.objects.create(password="clear")
        assert not Secret.objects.exists()
        raise RuntimeError("undo")


@only_hashing
def test_the_check_tells_that_the_key_is_gone(hashed):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE modernize_audit_secret RENAME TO lost")
        assert compare_triggers(connection).stale
        assert [message.id for message in check_hashes(databases=["default"])] == ["modernize.W208"]
        cursor.execute("ALTER TABLE lost RENAME TO modernize_audit_secret")


@only_hashing
def test_the_key_is_neither_changed_nor_removed_by_accident():
    for statement in ("DELETE FROM {}", "UPDATE {} SET secret = ''", "TRUNCATE {}"):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement.format("modernize_audit_secret"))


@only_hashing
def test_a_program_that_may_not_read_the_key_writes_hashes_all_the_same(hashed, role):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE ON testapp_secret TO {role}")
        cursor.execute(f"GRANT USAGE ON SEQUENCE testapp_secret_id_seq TO {role}")
        cursor.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            cursor.execute("SELECT * FROM modernize_audit_secret")
        secret = write_passwords("one", "two")
        cursor.execute("RESET ROLE")
    assert HASH.fullmatch(passwords(secret)[1][1])


@only_hashing
def test_nobody_can_put_the_function_with_the_key_on_a_table_of_his_own(hashed, role):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'testapp_secret'::regclass"
            " AND tgname LIKE '%insert'"
        )
        (name,) = cursor.fetchone()
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute("CREATE TEMP TABLE bait (id integer, password text, views integer)")
        with pytest.raises(Exception, match="permission denied for function"), transaction.atomic():
            cursor.execute(
                f"CREATE TRIGGER bait AFTER INSERT ON bait REFERENCING NEW TABLE AS new_rows"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        cursor.execute("RESET ROLE")
        assert compare_triggers(connection).is_clean
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {name}() TO PUBLIC")
        assert [trigger.name for trigger in compare_triggers(connection).stale] == [name]


def test_the_check_says_where_a_database_cannot_hash(hashed):
    found = [message.id for message in check_hashes(databases=["default"])]
    assert found == (["modernize.W208"] if connection.vendor == "sqlite" else [])
    assert compare_triggers(connection).is_clean


def test_the_check_has_nothing_to_say_where_nothing_is_hashed(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert check_hashes(databases=["default"]) == []


@only_hashing
def test_the_check_names_who_else_can_read_the_key(hashed, role):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"GRANT SELECT ON modernize_audit_secret TO {role}")
    (message,) = check_hashes(databases=["default"])
    assert (message.id, message.msg.split()[0]) == ("modernize.W209", role)


@only_hashing
def test_the_key_is_made_anew_for_the_owner_alone_where_new_tables_are_open_to_others(role):
    migration = import_module("django_modernize.audit.migrations.0003_secret")
    before = read_secret()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}")
    with connection.schema_editor() as editor:
        migration.remove_secret(None, editor)
        assert find_secret(connection) is None
        migration.make_secret(None, editor)
    assert list_secret_readers(connection) == []
    assert read_secret() != before


def test_a_way_to_mask_that_there_is_not_is_refused():
    with pytest.raises(TrackingError, match="Use 'stars' or 'hash'"):
        track(Secret, mask={"password": "rot13"})


def test_a_key_cannot_be_masked():
    before = tracking._tracked[EveryField]
    track(EveryField, mask=["id"])
    try:
        (message,) = check_tracked_names()
    finally:
        tracking._tracked[EveryField] = before
    assert message.id == "modernize.E201"
    assert "'id' cannot be masked" in message.msg
