"""Rules are imported from a file: looked at first, and stored all together or not at all."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from api.models import AutoTaskTemplate, Booking, Task
from api.models.auth import Role
from api.services.changes import making_changes
from django_modernize.audit import history

pytestmark = pytest.mark.django_db

PAGE = "/admin/api/autotasktemplate/import/"
LIST = "/admin/api/autotasktemplate/"
SOON = timezone.now().replace(microsecond=0) + timedelta(days=30)


@pytest.fixture
def exported(client, boss):
    """Return what the export of all rules gives."""
    keys = list(AutoTaskTemplate.objects.values_list("pk", flat=True))
    data = {"action": "export_selected", "_selected_action": keys}
    return json.loads(client.post(LIST, data).content)


def make_rule(**values):
    return {
        "name": "Long stays",
        "anchor": "check_in",
        "offset": 1,
        "title": "Look after {guest_name}",
        "conditions": {"field": "nights", "is": "more", "value": 7},
        "assignee": None,
        **values,
    }


def write(*rules):
    return json.dumps({"format": 1, "about": "booking", "rules": list(rules)})


def look(client, content):
    if isinstance(content, str):
        content = content.encode()
    file = SimpleUploadedFile("rules.json", content)
    return client.post(PAGE, {"about": "booking", "file": file, "_check": "1"})


def carry_out(client, page):
    """Press the button of a page that has shown what would be done."""
    text = page.context["form"].cleaned_data["text"]
    return client.post(PAGE, {"about": "booking", "text": text, "_import": "1"}, follow=True)


def test_rules_of_a_file_are_shown_then_stored_and_carried_out(client, boss, exported, owl):
    with making_changes():
        Booking.objects.create(
            property=owl,
            guest_name="Ada",
            check_in=SOON,
            check_out=SOON + timedelta(days=9),
            nights=9,
        )
    first, *others = exported["rules"]
    first["title"] = "Clean {property_name}"
    new = make_rule(assignee=boss.username)
    page = look(client, write(first, *others, new))
    assert page.context["outcome"] == [
        ("New", ("Long stays",)),
        ("Changed", (first["name"],)),
        ("As they are", tuple(one["name"] for one in others)),
    ]
    assert not AutoTaskTemplate.objects.filter(name="Long stays").exists()
    assert not Task.objects.filter(title="Look after Ada").exists()
    answer = carry_out(client, page)
    assert "Imported: Long stays, Pre-arrival Cleaning. Tasks: 1 new task, 1 changed." in str(
        [str(one) for one in answer.context["messages"]]
    )
    rule = AutoTaskTemplate.objects.get(name="Long stays")
    assert (rule.assignee, rule.created_by) == (boss, boss)
    assert history(rule).latest("id").actor == boss
    titles = set(Task.objects.values_list("title", flat=True))
    assert titles == {"Look after Ada", "Clean Owl Point"}


def test_each_rule_that_is_wrong_is_named_and_none_is_stored(client, boss):
    before = AutoTaskTemplate.objects.count()
    rules = (
        make_rule(assignee=boss.username),
        make_rule(name="<b>Nights</b>", conditions={"field": "secret", "is": "empty"}),
        make_rule(name="People", assignee="nobody", assignees=["x"]),
        make_rule(name="Days", valid_from=5, offset=10**400),
        "no rule",
    )
    page = look(client, write(*rules))
    problems = page.context["problems"]
    for position, word in ((2, "'secret' is none of"), (3, "no username"), (5, "with a name")):
        assert [one for one in problems if one.startswith(f"rule {position} ") and word in one]
    assert [one for one in problems if one.startswith("rule 4 (Days): ")]
    assert not [one for one in problems if one.startswith("rule 1 ")]
    assert "&lt;b&gt;Nights" in page.content.decode()
    assert "<b>Nights" not in page.content.decode()
    sent = client.post(PAGE, {"about": "booking", "text": write(*rules), "_import": "1"})
    assert sent.context["problems"] == problems
    assert AutoTaskTemplate.objects.count() == before


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", "no text in UTF-8"),
        (b" " * 1_000_001, "larger than"),
        (b"{", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (write(make_rule(title="\0")).encode(), "NUL"),
        (write({"name": "x"}).replace("booking", "house").encode(), "about"),
    ],
)
def test_what_is_no_file_of_rules_is_refused_in_words(client, boss, content, problem):
    page = look(client, content)
    assert page.status_code == 200
    assert page.context["outcome"] is None
    told = [*page.context["problems"], str(page.context["form"].errors)]
    assert any(problem in one for one in told), told


@pytest.mark.usefixtures("boss")
def test_a_file_has_to_be_chosen(client):
    page = client.post(PAGE, {"about": "booking", "_import": "1"})
    assert page.context["form"].non_field_errors() == ["Choose a file."]


def test_who_may_not_change_rules_imports_none(client, make_person):
    person = make_person(Role.MANAGER)
    person.is_staff = True
    person.save()
    client.force_login(person)
    assert client.get(PAGE).status_code == 403
    assert look(client, write(make_rule())).status_code == 403
    assert reverse("admin:api_autotasktemplate_import") == PAGE
    assert PAGE not in client.get(LIST).content.decode()


def test_a_file_gives_no_work_to_who_may_only_look(client, boss, make_person):
    viewer, cleaner = make_person(Role.VIEWER), make_person(Role.STAFF)
    for values in ({"assignee": viewer.username}, {"assignees": [viewer.username]}):
        page = look(client, write(make_rule(**values)))
        assert "may only look at tasks" in page.content.decode()
    text = write(make_rule(assignee=cleaner.username, assignees=[cleaner.username]))
    carry_out(client, look(client, text))
    rule = AutoTaskTemplate.objects.get(name="Long stays")
    assert (rule.assignee, rule.assignees.get()) == (cleaner, cleaner)


def test_a_file_keeps_whom_a_rule_names_already(client, boss, make_person):
    viewer = make_person(Role.VIEWER)
    rule = AutoTaskTemplate.objects.create(
        name="Long stays", subject_key="booking", anchor="check_in", assignee=viewer, title="Look"
    )
    rule.assignees.add(viewer)
    names = {"assignee": viewer.username, "assignees": [viewer.username]}
    page = carry_out(client, look(client, write(make_rule(**names))))
    assert "Long stays" in page.content.decode()
    rule.refresh_from_db()
    assert (rule.title, rule.assignee) == ("Look after {guest_name}", viewer)


@pytest.mark.parametrize("field", ["assignee", "assignees"])
def test_the_command_that_reads_rules_gives_no_work_to_who_may_only_look(
    field, make_person, tmp_path
):
    name = make_person(Role.VIEWER).username
    file = tmp_path / "rules.json"
    file.write_text(write(make_rule(**{field: [name] if field == "assignees" else name})))
    with pytest.raises(CommandError, match="may only look at tasks"):
        call_command("autotasks_rules", "import", "booking", str(file))
