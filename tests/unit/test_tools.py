"""The machinery of make: what can be judged without a server, an index or another interpreter."""

import doctest
import tempfile
from pathlib import Path

import pytest

from tools import coverage, matrix, postgres, postgres_binaries, suite
from tools.mutation import mutants, quick, reach, results

REPORT = """\
<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>
"""


DOCUMENTED = [coverage, matrix, mutants, postgres, postgres_binaries, quick, reach, results]


@pytest.mark.parametrize("module", DOCUMENTED)
def test_the_examples_in_the_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed


def test_a_given_postgresql_is_used_and_nothing_is_started(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://host/name")
    monkeypatch.setattr(postgres, "offer_servers", lambda: pytest.fail("looked for a server"))
    with postgres.provide_postgres() as url:
        assert url == "postgresql://host/name"


def test_no_postgresql_at_all_is_an_error_that_says_what_to_do(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///somewhere")
    monkeypatch.setattr(postgres, "offer_servers", lambda: iter(()))
    with pytest.raises(postgres.NoServerError, match="DATABASE_URL="), postgres.provide_postgres():
        pass


def write_program(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_a_server_that_does_not_start_is_named_with_its_last_words(monkeypatch):
    # Not in pytest's own folder, which the ordinary user that root becomes cannot enter.
    with tempfile.TemporaryDirectory(dir=postgres.choose_parent()) as name:
        programs = Path(name)
        programs.chmod(0o755)
        write_program(programs / "postgres", "echo 'postgres (PostgreSQL) 17.1'")
        write_program(programs / "initdb", "echo the disk is full; exit 1")
        server = postgres_binaries.inspect_folder(programs)
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.setattr(postgres, "offer_servers", lambda: iter([server]))
        with (
            pytest.raises(postgres.NoServerError, match=r"PostgreSQL 17\.1 in .*the disk is full"),
            postgres.provide_postgres(),
        ):
            pass


def test_a_server_too_old_for_django_is_passed_over(monkeypatch, tmp_path):
    write_program(tmp_path / "postgres", "echo 'postgres (PostgreSQL) 14.9'")
    write_program(tmp_path / "initdb", "exit 0")
    monkeypatch.setattr(postgres_binaries, "list_folders", lambda: iter([tmp_path]))
    assert postgres_binaries.find_servers() == []


def test_a_django_that_only_missing_interpreters_run_is_uncovered():
    names = ["py311-django52-sqlite", "py312-django60-sqlite", "base-django60"]
    present, missing = matrix.sort_environments(names, {11: "python3.11"})
    assert present == ["py311-django52-sqlite", "base-django60"]
    assert matrix.list_uncovered(present, missing) == ["django60"]


def test_the_counts_of_a_report_separate_what_passed_failed_and_was_skipped(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT.format(10, 2, 1, 3))
    assert suite.count_report(report) == {"passed": 4, "failed": 3, "skipped": 3}


def test_a_suite_that_dies_without_a_report_counts_as_failed(monkeypatch):
    monkeypatch.setattr(suite, "SUITES", {"library": ["--no-such-option"]})
    assert suite.run_suite("library", "SQLite", "", []).failed == 1


@pytest.mark.xdist_group("one process")
def test_the_tests_of_a_group_stay_in_one_process(request):
    if hasattr(request.config, "workerinput"):
        assert request.node.nodeid.endswith("@one process")
