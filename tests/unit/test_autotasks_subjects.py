"""A subject that could not work is refused where it is registered, with what is wrong."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import models

from django_modernize.autotasks import plan
from django_modernize.autotasks.exceptions import SubjectError
from django_modernize.autotasks.hand_edits import detach_fields
from django_modernize.autotasks.kinds import Kind
from django_modernize.autotasks.models import Trigger
from django_modernize.autotasks.neighbours import find_neighbours
from django_modernize.autotasks.subjects import (
    SUBJECTS,
    SubjectField,
    find_kind,
    get_subject,
    make_subject,
)
from tests.testapp.models import Duty, DutyRecord, DutyTemplate, Venue, Visit


def make(model=Visit, **changes):
    given = {
        "key": "tried",
        "templates": DutyTemplate,
        "records": DutyRecord,
        "fields": ["guest"],
        "anchors": ["starts"],
        "time_zone": None,
        "cancelled": None,
        "shape": get_subject("visit").shape,
    }
    return make_subject(model, **given | changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"fields": {"town": "venue__town"}}, "'venue__town': 'town' is not a field or relation"),
        ({"fields": {"letter": "guest__letter"}}, "'letter' is not a field or relation"),
        ({"fields": ["duty"]}, r"Visit\.duty follows a relation to many rows"),
        ({"anchors": ["guest"]}, "The anchor 'guest' of Visit is neither a date nor a datetime"),
        ({"time_zone": "venue__clock"}, "'clock' is not a field or relation"),
    ],
)
def test_a_path_that_leads_to_nothing_usable_is_named(changes, problem):
    with pytest.raises(SubjectError, match=problem):
        make(**changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "name"}, r"TaskShape\(title=…\) names 'name', and Duty has no such field"),
        ({"cancel": {"state": "off"}}, r"TaskShape\(cancel=…\) names 'state'"),
        ({"from_subject": {"venue_id": "place_id"}}, "Visit has no 'place_id'"),
    ],
)
def test_a_shape_that_the_tasks_do_not_have_is_refused(changes, problem):
    with pytest.raises(SubjectError, match=problem):
        make(shape=replace(get_subject("visit").shape, **changes))


def test_a_field_whose_values_nobody_could_compare_is_refused():
    with pytest.raises(SubjectError, match="field 'locked' of Duty cannot be used"):
        make(Duty, fields=["locked"], anchors=["due_at"])


def test_a_field_of_its_own_kind_is_taken_as_it_is():
    own = SubjectField(name="letters", source="guest", kind=Kind.TEXT, label="letters of the name")
    assert make(fields={"letters": own}).fields["letters"] is own


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (models.BigAutoField(primary_key=True), Kind.KEY),
        (models.PositiveSmallIntegerField(), Kind.NUMBER),
        (models.BooleanField(), Kind.BOOLEAN),
        (models.DateField(), Kind.DATE),
        (models.SlugField(), Kind.TEXT),
    ],
)
def test_the_kind_of_a_field_follows_from_its_column(field, kind):
    assert find_kind(field) is kind


def test_a_key_to_no_model_is_no_key_to_the_tasks(monkeypatch):
    subject = make()
    meta = SimpleNamespace(get_field=lambda name: SimpleNamespace(related_model=None))
    odd = replace(subject, records=SimpleNamespace(_meta=meta, __name__="Odd"))
    with pytest.raises(SubjectError, match=r"Odd\.task is not a foreign key"):
        odd.tasks  # noqa: B018 - reading it is the test


def test_subjects_that_follow_no_other_have_no_neighbours():
    assert find_neighbours(make(), ["1"], []) == []


def test_what_was_never_registered_is_not_planned():
    with pytest.raises(SubjectError, match="Venue is not a registered subject"):
        plan([Venue(pk=1)])


def test_a_hand_edit_is_noted_on_tasks_of_a_subject_alone():
    with pytest.raises(SubjectError, match="tasks of type Venue"):
        detach_fields(Venue(), ["name"])


def test_a_hand_edit_needs_a_field_to_be_noted_in(monkeypatch):
    subject = get_subject("visit")
    bare = replace(subject, shape=replace(subject.shape, locked=None))
    monkeypatch.setitem(SUBJECTS, "visit", bare)
    with pytest.raises(SubjectError, match=r'TaskShape\(locked="locked_fields"\)'):
        detach_fields(Duty(), ["title"])


def test_the_page_on_rules_names_every_trigger_as_it_is_stored():
    page = Path(__file__).resolve().parents[2] / "docs" / "features" / "auto_tasks.md"
    text = page.read_text()
    assert [one for one in Trigger.values if f"`{one}`" not in text] == []
