"""What stamp fields tell migrations, forms and people."""

import pytest
from django.conf import settings
from django.db import models
from django.db.migrations.writer import MigrationWriter

from django_modernize.models import ChangeSource
from django_modernize.stamps.fields import (
    SourceStampField,
    StampField,
    TimeStampField,
    UserStampField,
    find_stamps,
)
from django_modernize.stamps.moment import Moment, current_moment, one_moment
from tests.testapp.models import Crate, Pallet, Parcel

NAMES = ["created_at", "modified_at", "created_by", "modified_by", "created_via", "modified_via"]


def test_a_model_knows_its_stamps_inherited_ones_too():
    assert sorted(stamp.name for stamp in find_stamps(Parcel)) == sorted(NAMES)
    assert find_stamps(Pallet) == find_stamps(Parcel)
    assert [stamp.name for stamp in find_stamps(Crate)] == ["created_at", "modified_at"]


@pytest.mark.parametrize("name", NAMES)
def test_stamps_are_no_part_of_forms(name):
    assert not Parcel._meta.get_field(name).editable


@pytest.mark.parametrize("name", NAMES)
def test_a_migration_makes_the_same_field_again(name):
    field = Parcel._meta.get_field(name)
    twin = field.clone()
    assert type(twin) is type(field)
    assert twin.on_change is name.startswith("modified")
    assert twin.deconstruct()[1:] == field.deconstruct()[1:]


def test_a_migration_names_the_user_model_by_its_setting():
    text, imports = MigrationWriter.serialize(Parcel._meta.get_field("modified_by"))
    assert "to=settings.AUTH_USER_MODEL" in text
    assert "on_change=True" in text
    assert "import django_modernize.stamps.fields" in imports


def test_users_that_are_deleted_leave_no_hole():
    field = Parcel._meta.get_field("created_by")
    assert field.null
    assert field.remote_field.on_delete is models.SET_NULL
    assert field.related_model._meta.label == settings.AUTH_USER_MODEL
    assert field.remote_field.hidden


def test_the_sources_of_a_project_do_not_reach_its_migrations():
    field = Parcel._meta.get_field("created_via")
    assert "choices" not in field.deconstruct()[3]


def test_a_source_shows_its_label_the_projects_own_too():
    assert Parcel(created_via="excel_import").get_created_via_display() == "Excel import"
    assert Parcel(created_via="channel").get_created_via_display() == "channel manager"
    assert Parcel(created_via=ChangeSource.API).get_created_via_display() == "API"


def test_a_source_label_follows_the_setting(settings):
    settings.MODERNIZE = {"SOURCES": {"fax": "by fax"}}
    assert Parcel(created_via="fax").get_created_via_display() == "by fax"


def test_a_stamp_without_a_rule_of_its_own_is_refused():
    class Unruled(StampField, models.IntegerField):
        pass

    with pytest.raises(NotImplementedError):
        Unruled().read_stamp(Moment())


def test_stamp_fields_take_the_options_of_the_fields_that_they_extend():
    field = UserStampField(on_delete=models.PROTECT, null=False, related_name="approved")
    assert field.remote_field.on_delete is models.PROTECT
    assert not field.null
    assert SourceStampField(max_length=80).max_length == 80
    assert TimeStampField(db_index=True).db_index


def test_a_statement_has_one_moment_and_the_next_one_another():
    with one_moment() as first:
        assert current_moment() is first
        assert current_moment(Parcel()) is first
        assert first.time is first.time
    assert current_moment() is not first


def test_the_moment_of_a_save_is_nobody_elses():
    parcel, other = Parcel(), Parcel()
    with one_moment(parcel) as moment:
        assert current_moment(parcel) is moment
        assert current_moment(other) is not moment
        assert current_moment() is not moment
