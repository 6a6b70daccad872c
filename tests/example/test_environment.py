"""Settings come from the environment, safe unless it says otherwise, and complain clearly."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from aristay import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"


def run_manage(*arguments, **variables):
    """Run a command with the settings of production, but for the variables."""
    return run_python("manage.py", *arguments, **variables)


def run_python(*arguments, **variables):
    """Run Python with the settings of production, but for the variables."""
    environ = {
        "PATH": os.environ["PATH"],
        "ARISTAY_SECRET_KEY": "".join(chr(48 + number % 74) for number in range(0, 400, 7)),
        "ARISTAY_ALLOWED_HOSTS": "aristay.example",
        "ARISTAY_EMAIL_URL": "smtp://mailer:secret@mail.example:587",
        # A measurement goes on in the process.
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        **variables,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=EXAMPLE,
        env=environ,
        capture_output=True,
        text=True,
    )


def test_the_settings_of_production_pass_djangos_deployment_checks(tmp_path):
    done = run_manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3",
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_does_not_start_without_a_secret_key():
    done = run_manage("check", ARISTAY_SECRET_KEY="")
    assert done.returncode
    assert "ARISTAY_SECRET_KEY" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("ARISTAY_PROXIES", "-1", lambda: environment.read_number("ARISTAY_PROXIES", default=0)),
        ("ARISTAY_CACHE", "redis", lambda: environment.read_cache(debug=False)),
        ("ARISTAY_EMAIL_URL", "mail.example", lambda: environment.read_mail(debug=False)),
        ("ARISTAY_EMAIL_URL", "http://a:b@mail", lambda: environment.read_mail(debug=False)),
        ("ARISTAY_FEATURES", "potral=5", lambda: environment.read_features(["portal"])),
        ("ARISTAY_FEATURES", "portal=101", lambda: environment.read_features(["portal"])),
        ("ARISTAY_FEATURES", "portal", lambda: environment.read_features(["portal"])),
        ("ARISTAY_HTTPS", "maybe", lambda: environment.read_flag("ARISTAY_HTTPS", default=True)),
    ],
)
def test_a_value_that_makes_no_sense_is_named(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read()


def read_mail_options(monkeypatch, address, *, debug=False):
    """Return what the mail server is told, whichever settings this Django has for it."""
    monkeypatch.setenv("ARISTAY_EMAIL_URL", address)
    found = environment.read_mail(debug=debug)
    if hasattr(mail, "mailers"):
        return found["MAILERS"]["default"]["OPTIONS"]
    names = {"HOST_USER": "username", "HOST_PASSWORD": "password"}
    short = {key.removeprefix("EMAIL_"): value for key, value in found.items()}
    return {names.get(key, key.lower()): value for key, value in short.items()}


def test_a_password_of_the_mail_server_never_travels_in_the_clear(monkeypatch):
    plain = read_mail_options(monkeypatch, "smtp://me:p%40ss@mail.example")
    assert (plain["password"], plain["port"], plain["use_tls"]) == ("p@ss", 587, True)
    wrapped = read_mail_options(monkeypatch, "smtps://me:x@mail.example")
    assert (wrapped["port"], wrapped["use_ssl"], wrapped["use_tls"]) == (465, True, False)


def test_in_development_mails_only_go_to_the_log(monkeypatch):
    assert "console" in str(environment.read_mail(debug=True))
    assert "host" not in read_mail_options(monkeypatch, "", debug=True)


def test_limits_are_counted_for_all_processes_together_in_production():
    assert "db.DatabaseCache" in environment.read_cache(debug=False)["BACKEND"]
    assert "locmem" in environment.read_cache(debug=True)["BACKEND"]


def test_a_database_that_does_not_answer_is_given_up_soon(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@nowhere/aristay")
    database = environment.read_database(default_file=tmp_path / "x")
    assert database["OPTIONS"]["connect_timeout"] == 5
    assert database["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize("module", ["asgi", "wsgi"])
def test_a_server_finds_its_entry_with_the_settings_of_the_environment(module, tmp_path):
    code = f"from aristay.{module} import application; print(type(application).__name__)"
    done = run_python("-c", code, DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3")
    assert done.stdout.strip() == f"{module.upper()}Handler", done.stderr


def test_whoever_imports_the_script_of_commands_runs_none(capsys):
    runpy.run_path(str(EXAMPLE / "manage.py"), run_name="manage")
    assert capsys.readouterr() == ("", "")
