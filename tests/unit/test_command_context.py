"""What a management command changes is credited to whoever ran it."""

import getpass

import pytest

from django_modernize.command_context import describe_command


@pytest.fixture(autouse=True)
def _login(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")


@pytest.mark.parametrize(
    ("arguments", "source", "program"),
    [
        (["./manage.py", "loaddata", "x.json"], "system", "manage.py loaddata"),
        (["/usr/bin/django-admin", "shell"], "system", "django-admin shell"),
        (["/lib/django/__main__.py", "flush"], "system", "django-admin flush"),
        (["manage.py", "migrate"], "migration", "manage.py migrate"),
    ],
)
def test_a_command_tells_the_login_and_its_name(arguments, source, program):
    context = describe_command(arguments)
    assert (context.actor_label, context.source, context.user_agent) == ("ann", source, program)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["manage.py"],
        ["gunicorn", "aristay.wsgi"],
        ["/usr/bin/pytest", "manage.py"],
        ["manage.py", "runserver"],
        ["manage.py", "test"],
    ],
)
def test_servers_tests_and_other_programs_tell_nothing(arguments):
    assert describe_command(arguments) is None


def test_a_login_without_a_name_is_no_error(monkeypatch):
    def refuse():
        raise OSError

    monkeypatch.setattr(getpass, "getuser", refuse)
    assert describe_command(["manage.py", "migrate"]).actor_label == ""
