"""The health pages say what is broken, to anybody, and nothing else."""

import json
import logging

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from api.operations import health
from django_modernize.triggers.installer import drop_triggers

LIVE, READY = "/health/live", "/health/ready"


@pytest.fixture(autouse=True)
def _fresh_process(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setitem(health._sound, "triggers", 0.0)


def read_checks(client):
    response = client.get(READY)
    return response.status_code, response.json()["checks"]


def test_a_process_lives_without_a_database(client):
    # The test has no access to any.
    response = client.get(LIVE)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


def test_a_probe_needs_neither_a_host_name_nor_https(client, settings):
    settings.ALLOWED_HOSTS = ["aristay.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(LIVE, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_probes_only_look(client):
    assert client.post(LIVE).status_code == 404


@pytest.mark.django_db
def test_a_sound_process_is_ready_at_the_cost_of_a_few_queries(
    client, django_assert_max_num_queries
):
    status, checks = read_checks(client)
    assert status == 200
    assert checks == dict.fromkeys(["database", "migrations", "triggers", "storage", "cache"], "ok")
    # A time limit and a savepoint for each of three questions in PostgreSQL; the triggers were
    # compared just before.
    with django_assert_max_num_queries(12):
        assert read_checks(client)[0] == 200


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_makes_it_unready(client):
    # One in the midst of them, as after a merge of two branches.
    MigrationRecorder(connection).record_unapplied("auth", "0003_alter_user_email_max_length")
    status, checks = read_checks(client)
    assert status == 503
    assert checks["migrations"] == "failed"
    assert checks["database"] == "ok"


@pytest.mark.django_db
def test_a_lost_trigger_makes_it_unready(client):
    drop_triggers(connection, ["api_property"])
    assert read_checks(client) == (
        503,
        {**dict.fromkeys(health.CHECKS, "ok"), "triggers": "failed"},
    )


@pytest.mark.django_db
def test_a_storage_that_cannot_be_written_makes_it_unready(client, settings, tmp_path):
    (tmp_path / "media").write_text("a file where the folder should be")
    assert read_checks(client)[1]["storage"] == "failed"


@pytest.mark.django_db
def test_a_cache_that_fails_makes_it_unready(client, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda name: 1 / 0)
    assert read_checks(client)[1]["cache"] == "failed"


def test_a_lost_database_is_asked_once_and_its_error_stays_in_the_log(client, monkeypatch, caplog):
    asked = []

    def refuse():
        asked.append(1)
        raise OperationalError("password of admin is hunter2")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    with caplog.at_level(logging.ERROR):
        response = client.get(READY)
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": "failed",
        "migrations": "unknown",
        "triggers": "unknown",
        "storage": "ok",
        "cache": "unknown",
    }
    assert len(asked) == 1
    assert "hunter2" not in json.dumps(response.json())
    assert "hunter2" in caplog.text
