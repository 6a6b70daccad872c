"""The page on the audit trail runs as it is written, and that on a legacy history names what is."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.test.utils import isolate_apps
from django.utils import timezone

from django_modernize.audit import AuditEvent, verify
from django_modernize.context import change_context
from tests.pages import ROOT, python_blocks
from tests.testapp import models_trail
from tests.testapp.models import Booking, Person

AUDIT = python_blocks(ROOT / "docs" / "features" / "audit.md")
STAMPED = ("created", "modified", "deleted")
CARRYING_OVER = ROOT / "docs" / "features" / "carrying_over.md"


def block_with(text):
    (found,) = (block for block in AUDIT if text in block)
    return found


def test_the_model_of_the_page_is_the_one_that_is_tested():
    block = AUDIT[0]
    module = Path(models_trail.__file__).read_text(encoding="utf-8")
    assert block[block.index("@track") :] in module


def test_a_model_apart_from_the_users_is_left_alone_when_one_of_them_goes():
    names = {"__name__": models_trail.__name__}
    with isolate_apps("tests.testapp"):
        exec(block_with("class Reading"), names)
        keys = [names["Reading"]._meta.get_field(f"{done}_by") for done in STAMPED]
    assert [(key.remote_field.on_delete, key.db_constraint) for key in keys] == [
        (models.DO_NOTHING, False)
    ] * 3


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_run(capsys):
    user = Person.objects.create(username="ann")
    request_id = uuid.uuid4()
    with change_context(actor=user, request_id=request_id):
        booking = Booking.objects.create(guest_name="Ann")
        booking.guest_name = "Anne"
        booking.save()
    now = timezone.now()
    names = {"booking": booking, "Booking": Booking, "user": user, "request_id": request_id}
    names |= {"yesterday": now, "monday": now - timedelta(days=1), "tuesday": now}
    exec(block_with("describe_events"), names)
    said = capsys.readouterr().out
    assert "{'guest_name': ('Ann', 'Anne')}" in said
    assert "Ann → Anne" in said
    names["event"] = AuditEvent.objects.get(action="update")
    exec(block_with("preview=True"), names)
    booking.refresh_from_db()
    assert booking.guest_name == "Ann"
    names["event"] = AuditEvent.objects.latest("id")
    exec(block_with("revert(transaction_id"), names)
    booking.refresh_from_db()
    assert booking.guest_name == "Anne"
    exec(block_with("erase_actor"), names)
    assert Booking.objects.get().nights == 1
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert list(actions)[:3] == ["untracked", "erase", "erase"]
    assert verify().is_sound


def test_the_migration_to_depend_on_is_the_last_one_of_the_trail():
    (last,) = MigrationLoader(None).graph.leaf_nodes("modernize_audit")
    assert '("{}", "{}")'.format(*last) in CARRYING_OVER.read_text(encoding="utf-8")
