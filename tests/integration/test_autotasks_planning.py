"""Plans say what templates would do, and applying them does that and no more."""

import datetime

import pytest

from django_modernize.autotasks import (
    Action,
    Occasion,
    PlanOutdated,
    TaskShape,
    apply,
    explain,
    plan,
)
from django_modernize.autotasks.occasions import load_changes, load_events
from django_modernize.autotasks.planning import plan_subject
from django_modernize.autotasks.steps import Cause
from django_modernize.autotasks.subjects import get_subject, make_subject
from tests.testapp.models import Duty, DutyRecord, DutyTemplate, Person, Venue, Visit

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 6, 10, 12, tzinfo=datetime.UTC)
NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


@pytest.fixture
def venue():
    return Venue.objects.create(name="Barn", zone="Europe/Berlin")


@pytest.fixture
def visit(venue):
    return Visit.objects.create(venue=venue, starts=NOON, guest="Ann Lee", nights=3)


def make_template(**values):
    defaults = {
        "name": "Clean",
        "subject_key": "visit",
        "anchor": "starts",
        "offset": -1,
        "local_time": datetime.time(9),
        "title": "Clean {venue_name} for {guest}",
    }
    template = DutyTemplate(**defaults | values)
    template.full_clean(exclude=["assignee"])
    template.save()
    return template


def make_plan(subjects=None, **arguments):
    return plan(Visit.all_objects.all() if subjects is None else subjects, now=NOW, **arguments)


def run(**arguments):
    return {action: n for action, n in apply(make_plan(**arguments)).items() if n}


def test_a_task_is_made_as_the_template_says(visit):
    template = make_template(description="Arrival {starts|date} at {starts|time}")
    made = make_plan()
    [step] = made.steps
    assert (step.action, step.reason.cause) == (Action.CREATE, Cause.HOLDS)
    assert Duty.objects.count() == 0
    apply(made)
    duty = Duty.objects.get()
    # Nine o'clock in Berlin, a day before.
    assert duty.due_at == datetime.datetime(2026, 6, 9, 7, tzinfo=datetime.UTC)
    assert (duty.title, duty.kind) == ("Clean Barn for Ann Lee", "cleaning")
    assert duty.description == "Arrival 06/10/2026 at 2 p.m."
    assert (duty.visit, duty.venue) == (visit, visit.venue)
    record = DutyRecord.objects.get()
    assert (record.template, record.template_version, record.task) == (template, 1, duty)


def test_rows_at_hand_are_planned_for_as_a_queryset_of_them(visit):
    make_template()
    other = Visit.objects.create(venue=visit.venue, starts=NOON)
    assert [step.subject_id for step in make_plan([visit]).steps] == [visit.pk]
    assert len(make_plan([visit, other]).steps) == 2


def test_a_task_need_name_neither_its_subject_nor_a_person(visit):
    template = make_template(title="Clean")
    shape = TaskShape(due_at="due_at", from_subject={"venue_id": "venue_id"})
    subject = make_subject(
        Visit,
        key="visit",
        templates=DutyTemplate,
        records=DutyRecord,
        fields=["guest"],
        anchors=["starts"],
        time_zone="venue__zone",
        cancelled=None,
        shape=shape,
    )
    made = plan_subject(subject, [template], Visit.objects.all(), occasions=(), now=NOW)
    apply(made)
    duty = Duty.objects.get()
    assert (duty.title, duty.visit, duty.assigned_to) == ("Clean", None, None)


def test_doing_it_again_changes_nothing(visit):
    make_template()
    assert run() == {Action.CREATE: 1}
    assert run() == {Action.KEEP: 1}
    assert Duty.objects.count() == 1


def test_a_subject_that_does_not_match_is_skipped(visit):
    make_template(conditions={"field": "nights", "is": "more", "value": 3})
    assert run() == {Action.SKIP: 1}


def test_a_moved_anchor_moves_the_task(visit):
    make_template()
    run()
    Visit.objects.update(starts=NOON + datetime.timedelta(days=2))
    [step] = make_plan().steps
    assert (step.action, set(step.values)) == (Action.MOVE, {"due_at"})
    assert run() == {Action.MOVE: 1}
    assert Duty.objects.get().due_at.day == 11
    assert run() == {Action.KEEP: 1}


def test_one_of_two_subjects_that_are_alike_is_moved_alone(visit):
    other = Visit.objects.create(venue=visit.venue, starts=NOON, guest="Ann Lee", nights=3)
    make_template()
    run()
    Visit.objects.filter(pk=other.pk).update(starts=NOON + datetime.timedelta(days=2))
    assert run() == {Action.MOVE: 1, Action.KEEP: 1}
    assert [duty.due_at.day for duty in Duty.objects.order_by("visit")] == [9, 11]


def test_a_step_that_cancels_names_its_subject_and_its_occurrence(visit):
    make_template(trigger="changed", watched_fields=["guest"])
    run(occasions=[occasion(visit, key="7")])
    [record] = DutyRecord.objects.all()
    visit.delete()
    [step] = make_plan().steps
    assert (step.action, step.subject_id) == (Action.CANCEL, visit.pk)
    assert step.occurrence == record.occurrence


def test_a_change_that_no_task_shows_is_kept_and_not_looked_at_again(
    visit, django_assert_num_queries
):
    make_template()
    run()
    Visit.objects.update(nights=9)
    assert run() == {Action.KEEP: 1}
    templates = list(DutyTemplate.objects.all())
    with django_assert_num_queries(3):
        plan(Visit.all_objects.all(), templates, now=NOW)


def test_what_a_person_locked_is_left(visit):
    make_template()
    run()
    Duty.objects.update(locked=["due_at"])
    Visit.objects.update(starts=NOON + datetime.timedelta(days=2), guest="Bob")
    run()
    duty = Duty.objects.get()
    assert (duty.due_at.day, duty.title) == (9, "Clean Barn for Bob")


def test_a_finished_task_is_left(visit):
    make_template()
    run()
    Duty.objects.update(status="done")
    Visit.objects.update(starts=NOON + datetime.timedelta(days=2))
    assert run() == {Action.KEEP: 1}
    Visit.objects.update(status="cancelled")
    assert run() == {Action.SKIP: 1}
    assert Duty.objects.get().status == "done"


def test_a_task_that_a_person_deleted_stays_deleted(visit):
    make_template()
    run()
    Duty.objects.all().delete()
    assert run() == {Action.KEEP: 1}


def test_a_new_assignee_is_a_step_of_its_own(visit):
    ann = Person.objects.create(username="ann")
    template = make_template()
    run()
    template.assignee = ann
    template.version += 1
    template.save()
    [step] = make_plan().steps
    assert (step.action, dict(step.values)) == (Action.REASSIGN, {"assigned_to_id": ann.pk})
    run()
    assert Duty.objects.get().assigned_to == ann


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        (lambda visit: Visit.objects.update(status="cancelled"), Cause.CANCELLED),
        (lambda visit: visit.delete(), Cause.DELETED),
        (lambda visit: Visit.objects.update(nights=1), Cause.FAILS),
        (lambda visit: Visit.objects.update(starts=None), Cause.NO_ANCHOR),
    ],
)
def test_a_task_that_is_no_longer_needed_is_cancelled_and_comes_back(visit, end, cause):
    make_template(conditions={"field": "nights", "is": "more", "value": 2})
    run()
    end(visit)
    [step] = make_plan().steps
    assert (step.action, step.reason.cause) == (Action.CANCEL, cause)
    run()
    assert Duty.objects.get().status == "cancelled"
    assert not make_plan().steps
    Visit.all_objects.update(status="booked", nights=3, starts=NOON, deleted_at=None)
    assert run() == {Action.REOPEN: 1}
    assert Duty.objects.get().status == "pending"


def test_a_cancelled_task_that_a_person_took_up_is_left(visit):
    make_template()
    run()
    Visit.objects.update(status="cancelled")
    run()
    Duty.objects.update(status="done")
    Visit.objects.update(status="booked")
    assert Action.REOPEN not in run()
    assert Duty.objects.get().status == "done"


def test_a_changed_template_says_what_becomes_of_open_tasks(visit):
    template = make_template(change_policy="leave")
    run()
    template.title = "Scrub {venue_name}"
    template.save()
    assert template.version == 2
    assert run() == {Action.KEEP: 1}
    template.change_policy = "update"
    template.save()
    assert run() == {Action.MOVE: 1}
    assert Duty.objects.get().title == "Scrub Barn"


def test_nothing_is_made_for_the_past(visit):
    make_template(offset=-30)
    assert run() == {Action.SKIP: 1}
    DutyTemplate.objects.update(skip_past=False)
    assert run() == {Action.CREATE: 1}


def test_a_day_has_to_come_near(visit):
    make_template(trigger="by_date", horizon_days=3)
    assert run() == {Action.SKIP: 1}
    later = plan(Visit.objects.all(), now=NOW + datetime.timedelta(days=6))
    assert [step.action for step in later.steps] == [Action.CREATE]


def test_a_template_has_a_season(visit):
    make_template(valid_until=datetime.date(2026, 6, 9))
    assert run() == {Action.SKIP: 1}


CHANGE = {"guest": ("Ann", "Bob")}


def occasion(visit, trigger="changed", key="1", changes=CHANGE):
    return Occasion(subject_id=visit.pk, trigger=trigger, key=key, changes=changes)


def test_each_change_makes_a_task_once(visit):
    make_template(trigger="changed", watched_fields=["guest"])
    assert run() == {Action.SKIP: 1}
    assert run(occasions=[occasion(visit)]) == {Action.CREATE: 1}
    assert run(occasions=[occasion(visit)]) == {Action.KEEP: 1}
    assert Action.CREATE in run(occasions=[occasion(visit, key="2")])
    assert Duty.objects.count() == 2


def test_changes_are_those_of_the_events_at_hand_and_no_new_rows(visit):
    subject = get_subject("visit")
    for guest in ("Bob", "Cleo"):
        Visit.objects.update(guest=guest)
        Visit.objects.create(venue=visit.venue, starts=NOON)
    events = load_events(subject, "default", after=0)
    assert [one.action for one in events[:3]] == ["create", "update", "create"]
    assert [one.pk for one in load_changes(subject, "default", events[:3])] == [events[1].id]
    assert load_changes(subject, "default", events[:1]) == []


def test_a_change_of_other_fields_makes_none(visit):
    make_template(trigger="changed", watched_fields=["status"])
    assert run(occasions=[occasion(visit)]) == {Action.SKIP: 1}


def test_a_condition_asks_what_changed(visit):
    condition = {"field": "guest", "is": "changed_to", "value": "Bob"}
    make_template(trigger="changed", conditions=condition)
    assert Action.CREATE in run(occasions=[occasion(visit)])
    assert Action.CREATE not in run(
        occasions=[occasion(visit, key="2", changes={"guest": ("Bob", "Ann")})]
    )


def test_a_cancellation_makes_a_task_that_stays(visit):
    make_template(trigger="cancelled", title="Tell the cleaners")
    Visit.objects.update(status="cancelled")
    assert run(occasions=[occasion(visit, "cancelled")]) == {Action.CREATE: 1}
    assert run() == {Action.KEEP: 1}


def test_a_plan_that_no_longer_fits_is_refused(visit):
    make_template()
    made = make_plan()
    Visit.objects.update(starts=NOON + datetime.timedelta(days=2))
    with pytest.raises(PlanOutdated, match="the plan says create at 2026-06-09"):
        apply(made)
    assert Duty.objects.count() == 0


def test_a_task_tells_where_it_came_from(visit, django_assert_num_queries):
    template = make_template(conditions={"field": "nights", "is": "more", "value": 2})
    run()
    duty = Duty.objects.get()
    with django_assert_num_queries(2):
        explanation = explain(duty)
    assert (explanation.template, explanation.template_version) == (template, 1)
    assert explanation.reason == {
        "cause": "holds",
        "field": "nights",
        "is": "more",
        "value": "2",
        "found": 3,
    }
    Visit.objects.update(nights=1)
    assert explain(duty).today.cause is Cause.FAILS


def test_a_task_that_a_person_made_has_no_template(visit):
    duty = Duty.objects.create(title="By hand", due_at=NOON, venue=visit.venue)
    assert explain(duty) is None


@pytest.mark.parametrize("count", [3, 30])
def test_statements_do_not_depend_on_the_number_of_rows(venue, count, django_assert_num_queries):
    Visit.objects.bulk_create(
        [Visit(venue=venue, starts=NOON, guest=f"Guest {index}") for index in range(count)]
    )
    for name in ("One", "Two", "Three"):
        make_template(name=name)
    templates = list(DutyTemplate.objects.all())
    with django_assert_num_queries(3):
        made = plan(Visit.objects.all(), templates, now=NOW)
    apply(made)
    assert Duty.objects.count() == 3 * count
    Visit.objects.update(starts=NOON + datetime.timedelta(days=1))
    with django_assert_num_queries(3):
        plan(Visit.objects.all(), templates, now=NOW)
