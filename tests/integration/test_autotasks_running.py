"""Rules run for every way of writing, never twice, and lose nothing when one fails."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils import timezone

from django_modernize.audit import history
from django_modernize.autotasks import Action
from django_modernize.autotasks.models import Trigger
from django_modernize.autotasks.occasions import list_occasions
from django_modernize.autotasks.running import follow_changes, run_subject
from django_modernize.autotasks.subjects import get_subject, make_subject
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, DutyRecord, DutyTemplate, Venue, Visit

pytestmark = pytest.mark.django_db(transaction=True)
SOON = timezone.now() + datetime.timedelta(days=5)


@pytest.fixture
def venue():
    return Venue.objects.create(name="Barn")


def make_visit(venue, **values):
    return Visit(**{"venue": venue, "starts": SOON, "guest": "Ann"} | values)


def create_all(venue):
    Visit.objects.bulk_create([make_visit(venue), make_visit(venue)])


def create_one(venue):
    make_visit(venue).save()


def insert_by_sql(venue):
    make_visit(venue).save()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO testapp_visit (venue_id, status, starts, guest, deletion_reason)"
            " SELECT venue_id, status, starts, guest, deletion_reason FROM testapp_visit"
        )


@pytest.mark.parametrize(("write", "count"), [(create_one, 1), (create_all, 2), (insert_by_sql, 2)])
def test_every_way_of_writing_makes_tasks(venue, write, count):
    make_template()
    with follow_changes():
        write(venue)
    assert Duty.objects.count() == count


def test_a_bulk_change_moves_and_a_deletion_cancels(venue):
    make_template(local_time=None)
    with follow_changes():
        create_all(venue)
    with follow_changes():
        Visit.objects.update(starts=SOON + datetime.timedelta(days=1))
    assert set(Duty.objects.values_list("due_at", flat=True)) == {SOON}
    with follow_changes():
        Visit.objects.all().delete()
    assert set(Duty.objects.values_list("status", flat=True)) == {"cancelled"}
    with follow_changes():
        Visit.deleted_objects.all().restore()
    assert set(Duty.objects.values_list("status", flat=True)) == {"pending"}


def test_a_row_that_is_gone_cancels_its_task(venue):
    make_template()
    with follow_changes():
        create_one(venue)
    with follow_changes():
        Visit.objects.get().hard_delete()
    duty = Duty.objects.get()
    assert (duty.status, duty.visit) == ("cancelled", None)


def test_a_block_that_fails_leaves_neither_row_nor_task(venue):
    make_template()
    with pytest.raises(ZeroDivisionError), follow_changes():
        create_one(venue)
        1 / 0  # noqa: B018
    assert (Visit.objects.count(), Duty.objects.count()) == (0, 0)


def test_what_happens_makes_tasks_of_its_own(venue):
    make_template(name="Call", trigger="changed", watched_fields=["guest"], title="Call {guest}")
    make_template(name="Tell", trigger="cancelled", title="Tell {guest}")
    make_template(name="Shut", trigger="deleted", title="Shut {venue_name}")
    make_template(name="Open", trigger="restored", title="Open {venue_name}")
    create_one(venue)
    with follow_changes():
        Visit.objects.update(guest="Bob")
    assert [one.title for one in Duty.objects.all()] == ["Call Bob"]
    with follow_changes():
        Visit.objects.get().delete()
    with follow_changes():
        Visit.deleted_objects.get().restore()
    with follow_changes():
        Visit.objects.update(status="cancelled")
    titles = list(Duty.objects.order_by("pk").values_list("title", flat=True))
    assert titles == ["Call Bob", "Shut Barn", "Open Barn", "Tell Bob"]


class ElsewhereRouter:
    """Says that subjects are written to another database."""

    def db_for_write(self, model, **hints):
        return "elsewhere" if model is Visit else None


def test_what_is_written_to_another_database_is_followed_there_alone(venue, settings):
    make_template()
    with follow_changes():
        create_one(venue)
        settings.DATABASE_ROUTERS = [ElsewhereRouter()]
    settings.DATABASE_ROUTERS = []
    assert Duty.objects.count() == 0


def test_what_cancels_a_subject_is_found_wherever_its_condition_says_so(venue):
    settled = Q(status="cancelled")
    subject = make_subject(
        Visit,
        key="visit",
        templates=DutyTemplate,
        records=DutyRecord,
        fields=["guest", "nights"],
        anchors=["starts"],
        time_zone=None,
        cancelled=~(~Q(nights=0) & ~settled) | Exact(F("guest"), "nobody"),
        shape=get_subject("visit").shape,
    )
    create_one(venue)
    for change in ({"nights": 0}, {"guest": "Bob"}, {"status": "cancelled"}):
        Visit.objects.update(**change)
    triggers = [one.trigger for one in list_occasions(subject, history(Visit.objects.get()))]
    assert triggers.count(Trigger.CHANGED) == 3
    assert triggers.count(Trigger.CANCELLED) == 2


def test_a_block_that_changes_nothing_costs_little(venue, django_assert_num_queries):
    make_template()
    with django_assert_num_queries(4), follow_changes():
        pass


@pytest.mark.parametrize("count", [2, 40])
def test_the_statements_do_not_depend_on_the_number_of_rows(
    venue, count, django_assert_max_num_queries
):
    make_template()
    make_template(name="Second", offset=1)
    with django_assert_max_num_queries(16), follow_changes():
        Visit.objects.bulk_create([make_visit(venue) for _ in range(count)])
    assert Duty.objects.count() == 2 * count


def test_a_template_that_fails_loses_no_row_and_no_other_task(venue):
    make_template(name="Good")
    bad = make_template(name="Bad")
    # A name that the subject no longer has, as after a release.
    DutyTemplate.objects.filter(pk=bad.pk).update(title="{gone}")
    with follow_changes():
        create_one(venue)
    assert (Visit.objects.count(), Duty.objects.count()) == (1, 1)
    bad.refresh_from_db()
    assert bad.failed_at is not None
    assert "{gone} is none of" in bad.error
    DutyTemplate.objects.filter(pk=bad.pk).update(title="Mended")
    assert run_subject(get_subject("visit"))[Action.CREATE] == 1
    bad.refresh_from_db()
    assert (bad.failed_at, bad.error) == (None, "")


def test_a_row_at_the_end_of_the_calendar_costs_no_other_row_its_task(venue):
    make_template(offset=30)
    make_template(name="Window", offset=30, days_earlier=1, days_later=1)
    last = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    with follow_changes():
        Visit.objects.bulk_create([make_visit(venue, starts=last), make_visit(venue)])
    assert set(DutyTemplate.objects.values_list("failed_at", flat=True)) == {None}
    assert Duty.objects.count() == 2


def test_tasks_in_the_background_are_made_after_the_commit(venue):
    make_template(runs_after_commit=True)
    with transaction.atomic():
        with follow_changes():
            create_one(venue)
        assert Duty.objects.count() == 0
    assert Duty.objects.count() == 1


def test_the_command_makes_what_was_missed_once(venue):
    make_template()
    make_template(name="Call", trigger="changed", title="Call {guest}")
    create_all(venue)
    Visit.objects.update(guest="Bob")
    output = StringIO()
    call_command("autotasks_run", "--events-since", "1", stdout=output)
    assert output.getvalue().startswith("visit: create 4\n")
    assert DutyRecord.objects.count() == 4
    output = StringIO()
    call_command("autotasks_run", "--events-since", "1", stdout=output)
    assert output.getvalue().startswith("visit: keep 4\n")


def test_the_command_tells_how_far_it_is_and_which_rule_failed(venue):
    broken = make_template(name="Broken")
    make_template(name="Good")
    create_all(venue)
    DutyTemplate.objects.filter(pk=broken.pk).update(title="{gone}")
    output, errors = StringIO(), StringIO()
    call_command("autotasks_run", verbosity=2, stdout=output, stderr=errors)
    assert output.getvalue().startswith("visit: create 2\n")
    assert "visit: 2 of 2" in errors.getvalue()
    assert "Broken failed: " in errors.getvalue()


def test_the_command_knows_its_subjects():
    with pytest.raises(CommandError, match="known are: visit"):
        call_command("autotasks_run", "--subject", "nothing")
