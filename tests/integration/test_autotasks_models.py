"""What a rule and its records keep by themselves, whoever writes them."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import DutyRecord, DutyTemplate, RoutineRecord

DAY = datetime.date(2026, 5, 4)


@pytest.mark.django_db
def test_a_new_rule_counts_its_version_also_where_only_one_field_is_saved():
    template = make_template()
    template.title = "Sweep"
    template.save(update_fields=["title"])
    assert DutyTemplate.objects.get().version == 2


@pytest.mark.django_db
def test_what_is_no_rule_leaves_the_version_as_it_is():
    template = make_template()
    template.name = "Another name"
    template.save()
    assert DutyTemplate.objects.get().version == 1


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("subject_key", {"subject_key": "nothing"}),
        ("anchor", {"anchor": "guest"}),
        ("title", {"title": "For {password}"}),
        ("description", {"description": "For {password}"}),
        ("conditions", {"conditions": {"field": "password", "is": "empty"}}),
        ("offset", {"offset": DutyTemplate.MAX_DAYS + 1}),
        ("horizon_days", {"horizon_days": DutyTemplate.MAX_DAYS + 1}),
        ("days_earlier", {"days_earlier": DutyTemplate.MAX_DAYS + 1}),
        ("days_later", {"days_later": DutyTemplate.MAX_DAYS + 1}),
        ("not_before", {"not_before": "guest"}),
        ("not_after", {"not_after": "nothing"}),
        ("valid_until", {"valid_from": DAY, "valid_until": DAY - datetime.timedelta(days=1)}),
    ],
)
def test_a_rule_that_could_not_be_planned_is_refused_at_its_field(name, values):
    rule = {"name": "Clean", "subject_key": "visit", "anchor": "starts", "title": "Clean"}
    template = DutyTemplate(**rule | values)
    with pytest.raises(ValidationError) as refused:
        template.clean()
    assert list(refused.value.message_dict) == [name]


def test_a_rule_may_end_on_the_day_on_which_it_begins():
    DutyTemplate(
        name="Clean",
        subject_key="visit",
        anchor="starts",
        title="Clean",
        offset=DutyTemplate.MAX_DAYS,
        horizon_days=DutyTemplate.MAX_DAYS,
        valid_from=DAY,
        valid_until=DAY,
    ).clean()


def test_a_record_is_called_by_what_it_is_about():
    assert str(DutyRecord(subject_key="visit", subject_id="7")) == "visit 7"
    assert str(DutyRecord(subject_key="visit", subject_id="7", occurrence="x")) == "visit 7 x"
    assert str(RoutineRecord(day=DAY)) == "2026-05-04"
