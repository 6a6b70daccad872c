"""Whoever rewrites the trail is found, also the owner of the database with all triggers off."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from django_modernize.audit import (
    AuditEvent,
    RevertConflict,
    as_of,
    check_proof,
    describe_events,
    export_seals,
    history,
    load_seals,
    prove,
    revert,
    seal,
    verify,
)
from django_modernize.audit.ledger import findings
from django_modernize.audit.ledger.findings import Problem
from django_modernize.audit.ledger.models import AuditSeal
from django_modernize.audit.ledger.proofs import ProofError
from django_modernize.audit.reading import UnreadableEvent
from django_modernize.context import change_context
from django_modernize.triggers.installer import drop_triggers, synchronize_triggers
from tests.screens import Screen
from tests.testapp.models import Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("trail_layout"),
]


@pytest.fixture
def trail():
    """Six events in one seal, and two after it."""
    with change_context(reason="the books"):
        for number in range(1, 4):
            ledger = Ledger.objects.create(title=f"page {number}", amount=number)
            ledger.amount = number * 10
            ledger.save()
    seal()
    Ledger.objects.create(title="after the seal")
    Ledger.objects.create(title="and another")
    return list(AuditEvent.objects.order_by("id"))


@pytest.fixture
def owner():
    """Somebody who drops the triggers, writes, and puts them back."""

    def write(*statements):
        drop_triggers(connection)
        with connection.cursor() as cursor:
            for sql, *parameters in statements:
                cursor.execute(sql, parameters)
        synchronize_triggers(connection)

    return write


def found(**options):
    return {(finding.problem, finding.event_id) for finding in verify(**options).findings}


def test_an_untouched_trail_is_sound(trail):
    report = verify()
    assert report.findings == []
    assert (report.seal_count, report.event_count, report.unsealed_count) == (1, 6, 2)
    assert report.oldest_unsealed == trail[6].created_at


@pytest.mark.parametrize(
    "assignment",
    [
        "changes = replace(changes, 'page 1', 'page 9')",
        # No JSON, and more of it than a parser takes.
        """changes = '{"new":{"title"}}'""",
        f"""changes = '{{"new":{{"title":{"[" * 100_000}}}}}'""",
        "changes = 'new title:s('",
        "object_id = '77'",
        "object_type = 'testapp.untracked'",
        "action = 'update'",
        "source = 'api'",
        "actor_id = 5",
        "created_at = '2020-01-01 00:00:00'",
        "created_at = 'infinity'",
        "transaction_id = 5",
        "context_id = NULL",
        "salt = 'sixteen of bytes'",
        "salt = 'no bytes'",
    ],
)
def test_an_edited_event_is_named(trail, owner, assignment):
    owner((f"UPDATE modernize_audit_event SET {assignment} WHERE id = %s", trail[0].id))
    assert found() == {(Problem.EDITED, trail[0].id)}


@pytest.mark.parametrize("changes", ["{", "[1]", '{"title":5}', "new title:s("])
def test_an_event_that_nobody_can_parse_hides_no_other_from_who_reads(
    trail, owner, changes, admin_client
):
    ledger = Ledger.objects.get(pk=trail[0].object_id)
    owner(("UPDATE modernize_audit_event SET changes = %s WHERE id = %s", changes, trail[0].id))
    edited, other = describe_events(reversed(history(ledger)))
    assert [change.new for change in edited.lines] == [changes]
    assert [change.new for change in other.lines] == ["10"]
    page = admin_client.get("/admin/modernize_audit/auditevent/")
    assert page.status_code == 200
    with pytest.raises(RevertConflict, match="edited"):
        revert(edited.event)


def test_what_nobody_can_parse_is_not_left_out_of_the_past(trail, owner):
    create, update = trail[0], trail[1]
    ledger = Ledger.objects.get(pk=create.object_id)
    owner(("UPDATE modernize_audit_event SET changes = '{' WHERE id = %s", update.id))
    with pytest.raises(
        UnreadableEvent, match=f"{update.id} \\(testapp.ledger {ledger.pk}\\)"
    ) as told:
        as_of(ledger, create.created_at)
    assert told.value.event_ids == [update.id]
    with pytest.raises(UnreadableEvent):
        as_of(Ledger.objects.all(), create.created_at)
    # It says nothing of what was later, nor of others.
    assert as_of(ledger, update.created_at).amount == 10
    others = as_of(Ledger.objects.exclude(pk=ledger.pk), trail[2].created_at)
    assert [other.amount for other in others] == [2]


def test_a_creation_that_nobody_can_parse_hides_nothing_of_the_past(trail, owner):
    create = trail[0]
    ledger = Ledger.objects.get(pk=create.object_id)
    owner(("UPDATE modernize_audit_event SET changes = '{' WHERE id = %s", create.id))
    assert as_of(ledger, create.created_at).amount == 1
    assert as_of(ledger, create.created_at - timedelta(microseconds=1)) is None


def test_circumstances_that_were_edited_name_each_of_their_events(trail, owner):
    context = trail[2].context_id
    owner(("UPDATE modernize_audit_context SET reason = 'else' WHERE id = %s", context))
    concerned = {event.id for event in trail[:6] if event.context_id == context}
    assert found() == {(Problem.EDITED, number) for number in concerned}


def test_circumstances_that_were_removed_name_their_events(trail, owner):
    owner(("DELETE FROM modernize_audit_context WHERE id = %s", trail[0].context_id))
    assert (Problem.EDITED, trail[0].id) in found()


def test_a_removed_event_is_named(trail, owner):
    owner(("DELETE FROM modernize_audit_event WHERE id = %s", trail[5].id))
    assert found() == {(Problem.REMOVED, trail[5].id)}


def test_an_inserted_event_is_named(trail, owner):
    # In the gap that another one left.
    columns = (
        "created_at, transaction_id, actor_id, object_type, object_id, action, source, changes,"
        " salt"
    )
    owner(
        ("DELETE FROM modernize_audit_event WHERE id = %s", trail[3].id),
        (
            f"INSERT INTO modernize_audit_event (id, {columns}) SELECT 0, {columns}"
            " FROM modernize_audit_event WHERE id = %s",
            trail[0].id,
        ),
        ("UPDATE modernize_audit_event SET id = %s WHERE id = 0", trail[3].id),
    )
    assert found() == {(Problem.EDITED, trail[3].id)}


def test_an_event_that_was_put_where_none_was_is_named(owner):
    Ledger.objects.bulk_create([Ledger(title=str(number)) for number in range(3)])
    _first, second, third = AuditEvent.objects.order_by("id")
    owner(("DELETE FROM modernize_audit_event WHERE id = %s", second.id))
    seal()
    move = "UPDATE modernize_audit_event SET id = %s, source = 'api' WHERE id = %s"
    owner((move, second.id, third.id))
    assert found() == {(Problem.INSERTED, second.id), (Problem.REMOVED, third.id)}
    with pytest.raises(ProofError, match="audit_verify"):
        prove(AuditEvent.objects.get(pk=second.id))


def test_an_event_before_all_others_is_named(trail, owner):
    first = trail[0].id
    owner(
        ("DELETE FROM modernize_audit_event WHERE id = %s", first),
        ("UPDATE modernize_audit_seal SET first_id = %s", first),
    )
    assert (Problem.REMOVED, first) in found()


def test_events_that_changed_places_are_named(trail, owner):
    first, second = trail[0].id, trail[1].id
    move = "UPDATE modernize_audit_event SET id = %s WHERE id = %s"
    owner((move, 10**9, first), (move, first, second), (move, second, 10**9))
    assert found() == {(Problem.MOVED, first), (Problem.MOVED, second)}


def test_an_event_that_was_moved_behind_the_seal_is_missed_at_its_place(trail, owner):
    owner(("UPDATE modernize_audit_event SET id = %s WHERE id = %s", 10**9, trail[1].id))
    assert found() == {(Problem.REMOVED, trail[1].id)}


def test_random_bytes_of_a_seal_that_were_edited_name_its_events(trail, owner):
    owner(("UPDATE modernize_audit_seal SET salts = %s", bytes(96)))
    assert found() == {(Problem.EDITED, event.id) for event in trail[:6]}


@pytest.mark.parametrize(
    "assignment",
    [
        "event_count = 5",
        "root = previous",
        "manifest_digest = root",
        "last_id = last_id - 1",
        "manifest = NULL",
    ],
)
def test_an_edited_seal_is_named(trail, owner, assignment):
    owner((f"UPDATE modernize_audit_seal SET {assignment}",))
    assert Problem.SEAL_EDITED in {finding.problem for finding in verify().findings}


@pytest.mark.parametrize("column", ["created_at = 'infinity'", "signature = NULL, last_id = 1"])
def test_a_seal_that_cannot_be_read_hides_no_other(trail, owner, column):
    seal()
    owner(
        (f"UPDATE modernize_audit_seal SET {column} WHERE number = 1",),
        ("UPDATE modernize_audit_event SET source = 'api' WHERE id = %s", trail[7].id),
    )
    assert {(Problem.SEAL_EDITED, None), (Problem.EDITED, trail[7].id)} <= found()


@pytest.mark.parametrize("changes", ["{", '{"seal":5}', '{"seal":[null,"all"]}'])
def test_an_event_that_only_claims_that_seals_were_pruned_is_named(trail, owner, changes):
    owner(
        (
            "UPDATE modernize_audit_event SET action = 'prune', changes = %s WHERE id = %s",
            changes,
            trail[0].id,
        )
    )
    assert found() == {(Problem.EDITED, trail[0].id)}


def test_an_impossible_time_after_the_last_seal_is_counted(trail, owner):
    owner(("UPDATE modernize_audit_event SET created_at = 'infinity' WHERE id = %s", trail[6].id))
    assert verify().unsealed_count == 2
    assert [made.event_count for made in seal()] == [2]
    assert verify().is_sound


def test_a_removed_seal_is_named(trail, owner):
    seal()
    owner(("DELETE FROM modernize_audit_seal WHERE number = 1",))
    assert Problem.SEAL_REMOVED in {finding.problem for finding in verify().findings}


def test_a_trail_that_was_cut_off_at_its_end_is_told_from_the_export(trail, owner):
    seal()
    export = list(export_seals())
    owner(
        ("DELETE FROM modernize_audit_seal WHERE number = 2",),
        ("DELETE FROM modernize_audit_event WHERE id > %s", trail[5].id),
    )
    assert verify().is_sound
    assert found(against=load_seals(export)) == {(Problem.SEAL_REMOVED, None)}


def seal_anew(owner):
    owner(("DELETE FROM modernize_audit_seal",))
    seal()


def test_a_trail_that_was_edited_and_sealed_anew_is_told_from_the_export(trail, owner):
    export = list(export_seals())
    owner(("UPDATE modernize_audit_event SET source = 'api' WHERE id = %s", trail[0].id))
    seal_anew(owner)
    assert verify().is_sound
    assert found(against=load_seals(export)) == {(Problem.SEAL_DIFFERS, None)}


def test_a_trail_that_was_sealed_anew_without_the_key_is_told_from_the_signature(
    trail, owner, settings
):
    settings.MODERNIZE = {"AUDIT_SIGNING_KEY": "of the project"}
    seal()
    settings.MODERNIZE = {"AUDIT_SIGNING_KEY": "of a thief"}
    seal_anew(owner)
    settings.MODERNIZE = {"AUDIT_SIGNING_KEY": "of the project"}
    assert found() == {(Problem.SEAL_UNSIGNED, None)}


def test_a_trigger_that_is_missing_is_a_finding(trail):
    drop_triggers(connection, {"testapp_ledger"})
    assert {finding.problem for finding in verify().findings} == {Problem.TRIGGER}
    synchronize_triggers(connection)


def test_seals_follow_one_another_and_nothing_new_makes_none(trail):
    assert [made.event_count for made in seal()] == [2]
    assert seal() == []
    first, second = AuditSeal.objects.order_by("number")
    assert bytes(second.previous) == bytes(first.digest)
    assert verify().is_sound


def test_a_sealed_event_can_be_proven_without_the_database(trail):
    proof = json.loads(json.dumps(prove(trail[1])))
    kept = json.loads(next(export_seals()))
    assert check_proof(proof, kept)
    assert not check_proof({**proof, "members": ['"amount":[1,11]']}, kept)
    assert not check_proof({**proof, "opening": proof["opening"] + "x"}, kept)
    assert not check_proof(proof, {**kept, "root": "00" * 32})
    without_values = {name: proof[name] for name in proof if name not in ("members", "salt")}
    assert check_proof(without_values, kept)


def test_an_event_that_is_not_sealed_or_was_edited_cannot_be_proven(trail, owner):
    with pytest.raises(ProofError, match="audit_seal"):
        prove(trail[7])
    owner(("UPDATE modernize_audit_event SET source = 'api' WHERE id = %s", trail[0].id))
    with pytest.raises(ProofError, match="audit_verify"):
        prove(trail[0])


def test_the_commands_seal_export_and_verify(trail, owner, tmp_path, capsys):
    path = tmp_path / "seals.jsonl"
    call_command("audit_seal", export=path)
    call_command("audit_verify", against=path)
    assert "8 events in 2 seals verified" in capsys.readouterr().out
    owner(("DELETE FROM modernize_audit_event WHERE id = %s", trail[0].id))
    with pytest.raises(CommandError, match="1 problems"):
        call_command("audit_verify", format="json")
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["event"] == trail[0].id


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted(
    trail, owner, monkeypatch, capsys
):
    monkeypatch.setattr(findings, "FINDINGS_KEPT", 2)
    owner(("UPDATE modernize_audit_event SET source = 'x' WHERE id < %s", trail[4].id))
    with pytest.raises(CommandError, match="4 problems"):
        call_command("audit_verify")
    said = capsys.readouterr().out
    assert said.count("differs from what was sealed") == 2
    assert f"edited: Event {trail[0].id} differs" in said
    assert "... and 2 more." in said


def test_a_terminal_is_told_how_far_the_verification_is(trail, capsys):
    screen = Screen()
    call_command("audit_verify", stderr=screen)
    assert screen.getvalue() == "\r6 events"


def test_an_export_may_have_empty_lines(trail, tmp_path):
    path = tmp_path / "seals.jsonl"
    path.write_text("\n".join(["", *export_seals(), "", ""]))
    call_command("audit_verify", against=path)
    assert str(AuditSeal.objects.get()) == "seal 1"


def test_an_export_goes_on_after_the_last_seal_of_the_one_before(trail):
    seal()
    first, second = export_seals()
    assert list(export_seals(after=1)) == [second]
    assert next(load_seals([first]))["number"] == 1


def test_an_export_that_is_none_is_refused(trail, tmp_path):
    path = tmp_path / "seals.jsonl"
    path.write_text("no seal\n")
    with pytest.raises(CommandError, match="Line 1"):
        call_command("audit_verify", against=path)
