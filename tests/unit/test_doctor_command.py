"""``modernize_doctor``: what is examined, how it ends, and what it writes."""

import json
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test.utils import modify_settings

from django_modernize.doctor.checks import check_habits
from django_modernize.doctor.projects import find_own_applications
from tests.habits import Habits

DOCTOR = "django_modernize.doctor"
CODE = 'class Plan(models.Model):\n    at = models.TimeField(default="09:00:00")\n'


@pytest.fixture
def habits(tmp_path):
    habits = Habits(tmp_path)
    habits.write_models(CODE)
    return habits


def run_doctor(habits, *arguments):
    output = StringIO()
    with habits.imported("models"):
        call_command("modernize_doctor", "--app", habits.name, *arguments, stdout=output)
    return output.getvalue()


def test_a_finding_is_an_exit_status(habits):
    with pytest.raises(SystemExit) as error:
        run_doctor(habits)
    assert error.value.code == 1


def test_the_level_of_failure_is_chosen(habits):
    assert "E404" in run_doctor(habits, "--fail-level", "never")
    habits.write_models("class Visit(models.Model):\n    ip = models.CharField(max_length=9)\n")
    assert "W417" in run_doctor(habits, "--fail-level", "error")


def test_a_comment_silences_its_line_and_rule_alone(habits):
    habits.write_models(CODE.rstrip() + "  # modernize: silence E404\n")
    assert json.loads(run_doctor(habits, "--format", "json")) == []
    habits.write_models(CODE.rstrip() + "  # modernize: silence W403\n")
    with pytest.raises(SystemExit):
        run_doctor(habits)


def test_the_setting_silences_a_rule(habits, settings):
    settings.SILENCED_SYSTEM_CHECKS = ["modernize.E404"]
    assert run_doctor(habits) == "Nothing found.\n"


def test_an_unknown_application_is_an_error(habits):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("modernize_doctor", "--app", "nowhere")


def test_nothing_is_written_without_a_yes(habits, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    assert "Nothing written." in run_doctor(habits, "--write")
    assert 'default="09:00:00"' in (habits.folder / "models.py").read_text()


def test_a_yes_writes_what_was_shown(habits, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    shown = run_doctor(habits, "--write")
    assert "+    at = models.TimeField(default=datetime.time(9, 0))" in shown
    assert "default=datetime.time(9, 0)" in (habits.folder / "models.py").read_text()
    assert run_doctor(habits, "--write", "--no-input").startswith("Nothing can be repaired")


def test_progress_is_shown_to_who_asks(habits, capsys):
    run_doctor(habits, "--fail-level", "never", "--verbosity", "2")
    assert "Looking for: default of the wrong type" in capsys.readouterr().err


def test_the_findings_are_system_checks(habits):
    with habits.imported("models"), modify_settings(INSTALLED_APPS={"append": DOCTOR}):
        messages = run_checks(tags=["modernize_doctor"])
    [message] = [one for one in messages if habits.name in str(one.obj)]
    assert (message.id, message.is_serious()) == ("modernize.E404", True)
    assert "default=datetime.time(9, 0)" in message.hint


def test_installed_packages_are_no_part_of_the_project(habits):
    with habits.imported("models"):
        labels = {config.label for config in find_own_applications()}
    assert habits.name in labels
    assert not labels & {"auth", "admin", "modernize_audit"}
    assert check_habits([]) == []
