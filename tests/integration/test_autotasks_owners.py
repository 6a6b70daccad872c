"""What administrators do with rules: change, switch off, hand round, copy, test, overrule."""

import copy
import datetime
import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.core.serializers.json import DjangoJSONEncoder

from django_modernize.autotasks import Action, explain
from django_modernize.autotasks.choices import ChoiceNames
from django_modernize.autotasks.conditions.parsing import parse_condition
from django_modernize.autotasks.describing import describe_reason, outline_condition, read_reason
from django_modernize.autotasks.exceptions import RulesInvalid
from django_modernize.autotasks.explaining import Trace, explain_pair, trace_pair
from django_modernize.autotasks.hand_edits import attach_fields, detach_fields
from django_modernize.autotasks.previewing import (
    backtest,
    compare_policies,
    preview_template,
    save_template,
)
from django_modernize.autotasks.running import follow_changes, run_by_hand
from django_modernize.autotasks.sharing import read_rules, write_rules
from django_modernize.autotasks.steps import Cause, Reason
from django_modernize.autotasks.subjects import get_subject
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, DutyTemplate, Person, Venue, Visit

pytestmark = pytest.mark.django_db

START = datetime.datetime(2036, 6, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def venue():
    return Venue.objects.create(name="Barn")


def stay(venue, day=0, **values):
    with follow_changes():
        return Visit.objects.create(venue=venue, starts=START + day * DAY, **values)


def counts(plan):
    return {action: count for action, count in plan.count_actions().items() if count}


@pytest.mark.parametrize(
    ("policy", "expected"), [("update", {Action.MOVE: 1}), ("leave", {Action.KEEP: 1})]
)
def test_the_preview_of_a_change_says_what_saving_does_with_open_tasks(venue, policy, expected):
    template = make_template(title="Clean")
    stay(venue)
    draft = copy.copy(template)
    draft.title, draft.change_policy = "Sweep", policy
    assert counts(preview_template(draft)) == expected
    assert Duty.objects.get().title == "Clean"
    done = save_template(draft)
    assert {action: count for action, count in done.items() if count} == expected
    assert Duty.objects.get().title == ("Sweep" if policy == "update" else "Clean")


@pytest.mark.parametrize(("policy", "status"), [("update", "cancelled"), ("leave", "pending")])
def test_switching_a_rule_off_cancels_or_leaves_its_open_tasks(venue, policy, status):
    template = make_template(change_policy=policy)
    stay(venue)
    template.is_active = False
    assert preview_template(template).count_actions()[Action.CANCEL] == (policy == "update")
    save_template(template)
    duty = Duty.objects.get()
    assert duty.status == status
    assert describe_reason(explain(duty).today) == "the template is switched off"


def test_switching_a_rule_on_again_brings_its_tasks_back(venue):
    template = make_template()
    stay(venue)
    for active in (False, True):
        template.is_active = active
        save_template(template)
    assert Duty.objects.get().status == "pending"


def test_the_preview_of_a_new_rule_stores_nothing(venue):
    stay(venue)
    draft = DutyTemplate(name="New", subject_key="visit", anchor="starts", title="Go")
    assert counts(preview_template(draft)) == {Action.CREATE: 1}
    assert not Duty.objects.exists()
    assert draft.pk is None


def test_people_take_turns_in_the_order_of_the_days(venue):
    template = make_template()
    ann, ben, gone = (Person.objects.create_user(name) for name in ("ann", "ben", "gone"))
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    template.team.set([ann, ben, gone])
    with follow_changes():
        Visit.objects.bulk_create(
            [Visit(venue=venue, starts=START + day * DAY) for day in (3, 1, 2)]
        )
    stay(venue, 4)
    assert [one.assigned_to for one in Duty.objects.order_by("due_at")] == [ann, ben, ann, ben]
    with follow_changes():
        Visit.objects.update(guest="Zoe")
    assert [one.assigned_to for one in Duty.objects.order_by("due_at")] == [ann, ben, ann, ben]
    template.team.remove(ann)
    save_template(template)
    with follow_changes():
        Visit.objects.update(guest="Yan")
    assert {one.assigned_to for one in Duty.objects.all()} == {ben}


def test_each_rule_has_turns_of_its_own(venue):
    ann = Person.objects.create_user("ann")
    template = make_template()
    other = make_template(name="Other", conditions={"field": "nights", "is": "more", "value": 99})
    for one in (template, other):
        one.team.set([ann])
    stay(venue)
    for one in (template, other):
        one.refresh_from_db()
    assert (template.turn, other.turn) == (1, 0)


def test_a_task_that_somebody_asks_for_is_made_once_for_each_request(venue):
    template = make_template(trigger="by_hand")
    visit = stay(venue)
    assert not Duty.objects.exists()
    run_by_hand(template, [visit.pk], key="form 1")
    run_by_hand(template, [visit.pk], key="form 1")
    assert Duty.objects.count() == 1
    run_by_hand(template, [visit.pk])
    assert Duty.objects.count() == 2


def test_a_rule_that_runs_by_itself_cannot_be_asked_for(venue):
    with pytest.raises(ValueError, match="automatically, not by hand"):
        run_by_hand(make_template(), [stay(venue).pk])


def test_a_field_that_a_person_sets_is_left_until_it_is_given_back(venue):
    make_template(title="Clean for {guest}")
    visit = stay(venue, guest="Ann")
    duty = Duty.objects.get()
    duty.title = "Mine"
    assert detach_fields(duty, ["title", "status"]) == ["title"]
    duty.save()
    with follow_changes():
        Visit.objects.filter(pk=visit.pk).update(guest="Ben", starts=START + DAY)
    duty.refresh_from_db()
    assert duty.title == "Mine"
    due_at = duty.due_at
    attach_fields(duty, ["title"])
    assert (duty.title, duty.due_at, duty.locked) == ("Clean for Ben", due_at, [])


def test_a_backtest_says_what_a_rule_would_have_made_of_the_past(venue):
    past = datetime.datetime(2020, 2, 10, 12, tzinfo=datetime.UTC)
    Visit.objects.bulk_create(
        [Visit(venue=venue, starts=past + day * DAY, nights=day) for day in range(5)]
    )
    draft = make_template(
        trigger="by_date", conditions={"field": "nights", "is": "more", "value": 1}, is_active=False
    )
    made = backtest(draft, past.date(), (past + 3 * DAY).date())
    assert counts(made) == {Action.CREATE: 2, Action.SKIP: 2}
    assert not Duty.objects.exists()


def test_a_backtest_of_what_happened_reads_the_trail(venue):
    visit = Visit.objects.create(venue=venue, starts=START)
    Visit.objects.filter(pk=visit.pk).update(guest="Zoe")
    draft = make_template(trigger="changed", watched_fields=["guest"])
    assert counts(backtest(draft, START.date(), START.date())) == {Action.CREATE: 1}


def test_a_trace_answers_each_comparison(venue):
    template = make_template(
        conditions={
            "all": [
                {"field": "nights", "is": "more", "value": 2},
                {"not": {"field": "guest", "is": "contains", "value": "VIP"}},
                {"field": "status", "is": "in", "value": ["booked", "confirmed"]},
            ]
        }
    )
    trace = trace_pair(template, stay(venue, nights=1, guest="Ann").pk)
    assert describe_reason(trace.reason) == (
        "a condition does not hold: nights is more than 2 (it is 1)"
    )
    assert [(line.depth, line.text, line.holds, line.found) for line in trace.lines] == [
        (0, "all of", False, ""),
        (1, "nights is more than 2", False, "1"),
        (1, "not", True, ""),
        (2, "guest contains VIP", False, "Ann"),
        (1, "status is one of Booked, Confirmed", True, "Booked"),
    ]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"field": "nights", "is": "range", "value": {"from": 2, "to": 4}},
            "nights lies between 2 and 4 (it is 1)",
        ),
        ({"field": "vip", "is": "equals", "value": True}, "vip is yes (it is no)"),
        ({"field": "rate", "is": "less", "value": 5}, "rate is less than 5 (it is empty)"),
        ({"field": "guest", "is": "empty"}, "guest is empty (it is Ann)"),
    ],
)
def test_why_there_is_no_task_is_said_in_words_also_of_what_was_kept(venue, condition, words):
    template = make_template(conditions=condition)
    key = stay(venue, nights=1, vip=False, guest="Ann").pk
    reason = explain_pair(template, key)
    assert describe_reason(reason) == f"a condition does not hold: {words}"
    kept = json.loads(json.dumps(reason.as_json(), cls=DjangoJSONEncoder))
    assert describe_reason(read_reason(kept, template.subject)) == describe_reason(reason)
    kept["field"] = "a field that is no more"
    assert describe_reason(read_reason(kept, template.subject)) == "a condition does not hold"


def test_why_there_is_no_task_is_said_of_rows_that_are_gone_and_of_what_did_not_happen(venue):
    standing, waiting = make_template(), make_template(trigger="changed", watched_fields=["guest"])
    visit = stay(venue)
    key = visit.pk
    assert explain_pair(waiting, key).cause is Cause.NOT_ASKED
    kept = explain_pair(standing, key)
    assert read_reason(kept.as_json(), standing.subject) == kept
    visit.hard_delete()
    assert trace_pair(standing, key) == Trace(reason=Reason(Cause.GONE))


def test_a_condition_is_outlined_in_words(venue):
    node = parse_condition(
        {
            "all": [
                {"any": [{"field": "nights", "is": "more", "value": 2}, {"all": []}]},
                {"not": {"field": "status", "is": "equals", "value": "booked"}},
            ]
        },
        get_subject("visit"),
    )
    assert [(line.depth, line.text) for line in outline_condition(node, ChoiceNames())] == [
        (0, "all of"),
        (1, "one of"),
        (2, "nights is more than 2"),
        (1, "not"),
        (2, "status is Booked"),
    ]


def test_what_becomes_of_open_tasks_is_asked_where_a_change_concerns_some(venue):
    template = make_template()
    stay(venue)
    template.runs_after_commit = True
    assert compare_policies(template) == {}
    template.title = "Sweep"
    assert set(compare_policies(template)) == {"update", "leave"}


def test_rules_come_back_from_their_text(venue):
    ann = Person.objects.create_user("ann")
    template = make_template(assignee=ann, conditions={"field": "nights", "is": "more", "value": 2})
    template.team.add(ann)
    subject = get_subject("visit")
    text = write_rules(subject, DutyTemplate.objects.all())
    assert read_rules(subject, text).unchanged == (template.name,)
    DutyTemplate.objects.all().delete()
    assert read_rules(subject, text, dry_run=True).created == (template.name,)
    assert not DutyTemplate.objects.exists()
    read_rules(subject, text)
    assert write_rules(subject, DutyTemplate.objects.all()) == text
    assert DutyTemplate.objects.get().team.get() == ann
    assert read_rules(subject, text.replace('"value": 2', '"value": 3')).changed == (template.name,)
    assert DutyTemplate.objects.get().version == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": "{secret}"}, "title: {secret} is none of"),
        ({"assignee": "nobody"}, "assignee: there is no username 'nobody'"),
        ({"assignee": ["ann"]}, "assignee: that is no value of it"),
        ({"team": "ann"}, "team: a list is expected"),
        ({"version": 9}, "version is none of"),
        ({"offset": "soon"}, "offset: "),
    ],
)
def test_a_text_with_one_wrong_rule_stores_none(change, problem):
    subject = get_subject("visit")
    make_template(name="Good")
    data = json.loads(write_rules(subject, DutyTemplate.objects.all()))
    DutyTemplate.objects.all().delete()
    data["rules"].append({**data["rules"][0], "name": "Bad", **change})
    with pytest.raises(RulesInvalid) as refused:
        read_rules(subject, json.dumps(data))
    assert refused.value.problems[0].startswith(f"rule 2 (Bad): {problem}")
    assert not DutyTemplate.objects.exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is no JSON"),
        ('{"format": 1, "about": "guest", "rules": []}', 'expected "about": "visit"'),
        ('{"format": 1, "about": "visit", "rules": {}}', 'a list of "rules"'),
        ('{"format": 1, "about": "visit", "rules": ["Clean"]}', "an object with a name"),
        ('{"format": 1, "about": "visit", "rules": [{"title": "x"}]}', "an object with a name"),
    ],
)
def test_a_text_of_another_shape_is_refused_with_what_was_expected(text, problem):
    with pytest.raises(RulesInvalid, match=problem):
        read_rules(get_subject("visit"), text)


def test_a_name_that_several_rules_have_is_not_guessed_at():
    make_template(name="Clean", title="one")
    text = write_rules(get_subject("visit"), DutyTemplate.objects.all())
    make_template(name="Clean", title="two")
    with pytest.raises(RulesInvalid, match="several templates of that name"):
        read_rules(get_subject("visit"), text)
    assert set(DutyTemplate.objects.values_list("title", flat=True)) == {"one", "two"}


def test_a_key_without_a_name_for_others_stays_out_of_the_text(monkeypatch):
    ann = Person.objects.create_user("ann")
    make_template(assignee=ann).team.add(ann)
    monkeypatch.setattr(DutyTemplate, "references", {})
    text = write_rules(get_subject("visit"), DutyTemplate.objects.all())
    assert "ann" not in text
    data = json.loads(text)
    data["rules"][0]["assignee"] = ann.pk
    with pytest.raises(RulesInvalid, match="assignee: it refers to another row in no way"):
        read_rules(get_subject("visit"), json.dumps(data))


def test_the_command_writes_and_reads_rules(tmp_path, capsys):
    make_template(name="Good")
    path = tmp_path / "rules.json"
    call_command("autotasks_rules", "export", "visit", path)
    call_command("autotasks_rules", "import", "visit", path)
    assert "1 unchanged" in capsys.readouterr().out
    path.write_text("[]")
    with pytest.raises(CommandError, match="format"):
        call_command("autotasks_rules", "import", "visit", path)
    with pytest.raises(CommandError, match="No such file"):
        call_command("autotasks_rules", "import", "visit", tmp_path / "gone.json")
    with pytest.raises(CommandError, match="No subject 'tour'"):
        call_command("autotasks_rules", "export", "tour", path)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"watched_fields": ["secret"]}, "watched_fields"),
        ({"watched_fields": 5}, "watched_fields"),
        ({"watched_fields": [["guest"]]}, "watched_fields"),
        ({"offset": 2_000_000_000}, "offset"),
        ({"horizon_days": 2_000_000_000}, "horizon_days"),
        ({"conditions": {"field": "rate", "is": "more", "value": "1e99999"}}, "conditions"),
        ({"conditions": {"field": "guest", "is": "equals", "value": "a\x00b"}}, "conditions"),
        ({"conditions": {"field": "venue", "is": "equals", "value": 10**30}}, "conditions"),
    ],
)
def test_what_a_database_or_a_calendar_cannot_hold_is_refused(values, field):
    with pytest.raises(ValidationError) as refused:
        make_template(**values)
    assert set(refused.value.message_dict) == {field}
