"""System checks of soft delete: each says what is wrong and what to write."""

import pytest
from django.contrib.contenttypes.fields import GenericRelation
from django.db import connection, models
from django.test.utils import override_settings

from django_modernize.softdelete import SoftDeleteMixin
from django_modernize.softdelete.checks import _check_model, check_guards, check_models
from django_modernize.softdelete.journal import DeletionJournal
from tests.isolation import isolate_beside_people


@pytest.fixture
def registry():
    with isolate_beside_people("tests.testapp") as registry:
        yield registry


def make_model(name, /, *bases, **body):
    meta = type("Meta", (), {"app_label": "testapp", **body.pop("meta", {})})
    return type(name, bases or (models.Model,), {"__module__": __name__, "Meta": meta, **body})


def ids(model):
    return [message.id for message in _check_model(model)]


def test_a_value_that_a_deleted_row_goes_on_blocking_is_named(registry):
    model = make_model(
        "House",
        SoftDeleteMixin,
        name=models.CharField(max_length=9, unique=True),
        code=models.IntegerField(),
        meta={
            "unique_together": [("name", "code")],
            "constraints": [models.UniqueConstraint(fields=["code"], name="house_code")],
        },
    )
    messages = list(_check_model(model))
    assert [message.id for message in messages] == ["modernize.W301"] * 3
    assert 'UniqueAlive("name", name="house_name_unique")' in messages[0].hint


def test_what_is_unique_by_the_key_anyway_blocks_nothing(registry):
    key = models.UniqueConstraint(fields=["id", "code"], name="house_key")
    model = make_model(
        "House", SoftDeleteMixin, code=models.IntegerField(), meta={"constraints": [key]}
    )
    assert ids(model) == []


def test_a_child_that_cannot_be_hidden_is_named(registry):
    parent = make_model("House", SoftDeleteMixin)
    make_model("Note", house=models.ForeignKey(parent, models.CASCADE))
    assert ids(parent) == ["modernize.W302"]


def test_a_child_by_a_generic_relation_that_cannot_be_hidden_is_named(registry):
    parent = make_model("House", SoftDeleteMixin, labels=GenericRelation("testapp.Label"))
    make_model("Label", object_id=models.TextField())
    (warning,) = _check_model(parent)
    assert (warning.id, warning.msg.partition(" cascades")[0]) == (
        "modernize.W302",
        "House.labels (a GenericRelation)",
    )


def test_links_of_many_to_many_relations_are_no_children(registry):
    parent = make_model("House", SoftDeleteMixin)
    make_model("Label", SoftDeleteMixin, houses=models.ManyToManyField(parent))
    assert ids(parent) == []


def test_a_key_that_needs_the_journal_is_named_where_there_is_none(registry):
    parent = make_model("House", SoftDeleteMixin)
    make_model("Note", house=models.ForeignKey(parent, models.SET_NULL, null=True))
    assert ids(parent) == []
    without = ["django.contrib.auth", "django.contrib.contenttypes", "tests.testapp"]
    with override_settings(INSTALLED_APPS=without):
        assert ids(parent) == ["modernize.W303"]


def test_a_parent_table_without_the_mark_is_named(registry):
    parent = make_model("Place")
    child = make_model("House", SoftDeleteMixin, parent)
    assert ids(child) == ["modernize.W304"]


def test_a_parent_whose_deletion_destroys_is_named(registry):
    parent = make_model("Owner")
    child = make_model("House", SoftDeleteMixin, owner=models.ForeignKey(parent, models.CASCADE))
    assert ids(child) == ["modernize.W306"]


def test_the_models_of_the_project_are_looked_at():
    found = {message.id.removeprefix("modernize.") for message in check_models(None)}
    assert found == {"W301", "W302", "W306", "W309"}


@pytest.mark.django_db
def test_a_missing_guard_is_an_error():
    assert check_guards(databases=["default"]) == []
    with connection.cursor() as cursor:
        on_table = " ON testapp_room" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER modernize_softdelete_testapp_room_parent_insert{on_table}")
    (message,) = check_guards(databases=["default"])
    assert (message.id, "testapp_room" in message.msg) == ("modernize.E305", True)


class OwnTablesAlone:
    """A router as projects write it: what it does not name stays out."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label == "testapp"


@pytest.mark.django_db
def test_a_router_that_keeps_the_journal_out_is_named():
    with override_settings(DATABASE_ROUTERS=[OwnTablesAlone()]):
        (message,) = check_guards(databases=["default"])
    assert message.id == "modernize.W310"
    assert "migrate modernize_softdelete zero --fake --database default" in message.hint


@pytest.mark.django_db
def test_a_journal_that_was_migrated_away_is_named():
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {DeletionJournal._meta.db_table}")
    (message,) = check_guards(databases=["default"])
    assert message.id == "modernize.W310"
    assert "migrate modernize_softdelete --database default" in message.hint
