"""A plan is written out only where somebody looks, and stays what it was when it was made."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone, translation

from django_modernize.autotasks import Action, Step, plan
from django_modernize.autotasks.explaining import explain_pair
from django_modernize.autotasks.records import load_records
from django_modernize.autotasks.steps import Cause
from django_modernize.autotasks.subjects import get_subject
from tests.integration.test_autotasks_planning import NOON, NOW, make_plan, make_template
from tests.testapp.models import Badge, DutyRecord, Person, Venue, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    venue = Venue.objects.create(name="Barn", zone="Europe/Berlin")
    return Visit.objects.create(venue=venue, starts=NOON, guest="Ann Lee", nights=3)


def test_a_plan_stays_what_it_was_when_its_template_changes(visit):
    person = Person.objects.create(username="ann")
    template = make_template(assignee=person, conditions=at_least(2))
    [step] = plan(Visit.objects.all(), [template], now=NOW).steps
    template.title, template.kind, template.assignee = "Scrub", "other", None
    template.conditions, template.version = at_least(9), 7
    assert step.values["title"] == "Clean Barn for Ann Lee"
    assert (step.values["kind"], step.values["assigned_to_id"]) == ("cleaning", person.pk)
    assert step.reason.as_json()["value"] == "1"
    assert step.inputs.endswith("1")


def test_a_plan_stays_what_it_was_when_its_subjects_change(visit):
    make_template(conditions=at_least(2))
    [step] = make_plan().steps
    Visit.objects.update(guest="Bob", nights=9, starts=None)
    assert step.values["title"] == "Clean Barn for Ann Lee"
    assert step.reason.as_json()["found"] == 3
    assert step.due_at == datetime.datetime(2026, 6, 9, 7, tzinfo=datetime.UTC)


def test_a_plan_is_in_the_language_in_which_it_was_made(visit):
    make_template(title="{starts|long_date}")
    with translation.override("de"):
        [step] = make_plan().steps
    with translation.override("fr"):
        assert step.values["title"] == "10. Juni 2026"
        assert translation.get_language() == "fr"


def test_more_rules_than_a_number_has_bits_are_told_apart(visit):
    templates = [make_template(name=f"Rule {n:02}", conditions=equal(n)) for n in range(64)]
    Visit.objects.bulk_create(
        Visit(venue=visit.venue, starts=NOON, nights=n) for n in (0, 29, 30, 31, 59, 60, 63)
    )
    nights = dict(Visit.objects.values_list("pk", "nights"))
    found = {(step.template.pk, nights[step.subject_id]) for step in make_plan().steps}
    assert found == {(templates[n].pk, n) for n in (0, 3, 29, 30, 31, 59, 60, 63)}


def test_instants_are_read_as_django_reads_them(visit):
    make_template(local_time=None, offset=0, offset_unit="hours")
    moments = [
        NOON.replace(microsecond=123456),
        NOON.astimezone(datetime.timezone(datetime.timedelta(hours=-9))),
        datetime.datetime(2026, 10, 25, 0, 30, tzinfo=datetime.UTC),
        datetime.datetime(2026, 10, 25, 1, 30, tzinfo=datetime.UTC),
        None,
    ]
    Visit.objects.bulk_create(Visit(venue=visit.venue, starts=one) for one in moments)
    with timezone.override("America/New_York"):
        found = {step.subject_id: step.due_at for step in make_plan().steps}
    assert found == {
        one.pk: one.starts for one in Visit.objects.filter(starts__isnull=False).order_by("pk")
    }


@pytest.mark.database_lacks("postgresql", reason="refuses what is no instant")
def test_a_text_that_is_no_instant_is_none(visit):
    template = make_template()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testapp_visit SET starts = 'soon'")
    assert explain_pair(template, visit.pk).cause is Cause.NO_ANCHOR


def test_counting_a_plan_writes_no_task_out(visit, monkeypatch):
    make_template()
    made = make_plan()
    monkeypatch.setattr(Step, "details", property(lambda step: pytest.fail("written out")))
    assert made.count_actions()[Action.CREATE] == 1


def test_records_are_found_by_keys_with_any_character(visit):
    template = make_template()
    key = 'it\'s {1,"2"}\\'
    DutyRecord.objects.create(
        template=template, template_version=1, subject_key="visit", subject_id=key
    )
    subject, nobody = get_subject("visit"), Visit.objects.none()
    found = load_records(subject, [template], nobody, [], [key, "1"])
    assert list(found[template.pk]) == [(key, "")]


def test_a_rule_asks_what_the_place_and_the_subject_are_linked_with(
    visit, django_assert_num_queries
):
    pool, dog, gone = (Badge.objects.create(name=name) for name in ("pool", "dog", "gone"))
    visit.venue.badges.set([pool, gone])
    visit.wishes.set([dog])
    Badge.objects.filter(pk=gone.pk).delete()
    conditions = [
        linked("badges", "has_any", pool, dog),
        linked("badges", "has_all", pool, dog),
        linked("badges", "has_any", gone),
        {"all": [linked("badges", "has_all", pool), linked("wishes", "has_any", dog)]},
        {"not": linked("wishes", "has_any", pool)},
        {"field": "wishes", "is": "empty"},
    ]
    templates = [
        make_template(name=f"Rule {n}", conditions=one) for n, one in enumerate(conditions)
    ]
    with django_assert_num_queries(3):
        made = plan(Visit.objects.all(), templates, now=NOW)
    assert [step.template.name for step in made.steps] == ["Rule 0", "Rule 3", "Rule 4"]
    assert made.steps[0].reason.as_json() == {
        "cause": "holds",
        "field": "badges",
        "is": "has_any",
        "value": [pool.pk, dog.pk],
        "found": [pool.pk],
    }


def test_no_text_shows_what_a_subject_is_linked_with():
    with pytest.raises(ValidationError, match="badges} is none of: day, ends, guest"):
        make_template(title="{badges}")


def linked(name, word, *badges):
    return {"field": name, "is": word, "value": [one.pk for one in badges]}


def at_least(nights):
    return {"field": "nights", "is": "more", "value": nights - 1}


def equal(nights):
    return {"field": "nights", "is": "equals", "value": nights}
