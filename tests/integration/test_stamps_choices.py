"""What a project chooses of its stamps: changes alone, the database's clock, the fields alone."""

import datetime as dt

import django
import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import F
from django.db.models.signals import pre_save
from django.test import override_settings
from django.test.utils import isolate_apps
from django.utils import timezone

from django_modernize.context import change_context
from django_modernize.models import TimeStampedMixin
from tests.testapp.models import Crate, Notice, Parcel, Ticket

pytestmark = pytest.mark.django_db

LONG_AGO = dt.datetime(2001, 2, 3, tzinfo=dt.UTC)


@pytest.fixture
def notice():
    Notice.objects.create(text="one", marks=["a"])
    models.QuerySet(Notice).update(modified_at=LONG_AGO)
    return Notice.objects.get()


@pytest.fixture
def editor():
    return get_user_model().objects.create(username="editor")


# Changes alone.


IDLE_SAVES = {
    "save": lambda notice: notice.save(),
    "save of some fields": lambda notice: notice.save(update_fields=["text"]),
    "of what was loaded alone": lambda notice: Notice.objects.only("text").get().save(),
    "an equal value of another type": lambda notice: set_and_save(notice, text="one"),
    "update_or_create": lambda notice: Notice.objects.update_or_create({"text": "one"}),
    "another field is changed": lambda notice: change_another_and_save(notice),
}


def set_and_save(notice, **values):
    for name, value in values.items():
        setattr(notice, name, value)
    notice.save()


def change_another_and_save(notice):
    notice.marks.append("b")
    notice.save(update_fields=["text"])


@pytest.mark.parametrize("save", IDLE_SAVES.values(), ids=IDLE_SAVES)
def test_a_save_that_changes_nothing_leaves_the_stamps_of_a_change_alone(save, notice, editor):
    with change_context(actor=editor):
        save(notice)
    row = Notice.objects.get()
    assert (row.modified_at, row.modified_by) == (LONG_AGO, None)


CHANGING_SAVES = {
    "save": lambda notice: set_and_save(notice, text="two"),
    "in place": lambda notice: [notice.marks.append("b"), notice.save()],
    "of what was loaded alone": lambda notice: set_and_save(
        Notice.objects.only("text").get(), text="two"
    ),
    "by a receiver": lambda notice: save_with_receiver(notice),
    "an expression": lambda notice: set_and_save(notice, text=F("text")),
    "a hand-made instance": lambda notice: Notice(pk=notice.pk, text="one").save(),
    "update": lambda notice: Notice.objects.update(text="one"),
}


def save_with_receiver(notice):
    def change(instance, **kwargs):
        instance.text = "two"

    pre_save.connect(change, sender=Notice)
    try:
        notice.save()
    finally:
        pre_save.disconnect(change, sender=Notice)


@pytest.mark.parametrize("save", CHANGING_SAVES.values(), ids=CHANGING_SAVES)
def test_a_save_that_changes_something_stamps_it(save, notice, editor):
    with change_context(actor=editor):
        save(notice)
    row = Notice.objects.get()
    assert row.modified_at > LONG_AGO
    assert row.modified_by == editor


def test_a_save_that_changes_nothing_still_takes_a_stamp_that_is_given(notice, editor):
    notice.modified_by = editor
    notice.save()
    row = Notice.objects.get()
    assert (row.modified_at, row.modified_by) == (LONG_AGO, editor)


def test_a_creation_is_stamped_though_it_differs_in_nothing():
    assert Notice.objects.create().modified_at is not None


@isolate_apps("tests.testapp")
def test_e302_asks_for_the_mixin_that_tells_what_changed():
    class Deaf(TimeStampedMixin):
        stamps_only_changes = True

        class Meta:
            app_label = "testapp"

    (error,) = Deaf.check()
    assert error.id == "modernize.E302"
    assert error.obj is Deaf
    assert error.hint == "Write: class Deaf(ModelDiffMixin, ...)"
    assert Notice.check() == Parcel.check() == []


# The clock.


@pytest.fixture
def database_clock(monkeypatch):
    monkeypatch.setattr(
        "django_modernize.stamps.moment.timezone.now", lambda: pytest.fail("asked Python")
    )
    with override_settings(MODERNIZE={"STAMP_CLOCK": "database"}):
        yield


def is_recent(moment):
    return abs(dt.datetime.now(dt.UTC) - moment) < dt.timedelta(minutes=5)


def test_the_database_may_tell_the_time(database_clock):
    crate = Crate.objects.create(weight=1)
    assert crate.created_at == crate.modified_at
    assert is_recent(crate.created_at)
    Crate.objects.bulk_create([Crate(weight=2), Crate(weight=3)])
    assert Crate.objects.filter(weight__gt=1).values("created_at").distinct().count() == 1


CLOCKED_CHANGES = {
    "save": lambda crate: crate.save(),
    "save of some fields": lambda crate: crate.save(update_fields=["weight"]),
    "save twice": lambda crate: [crate.save(), crate.save()],
    "update": lambda crate: Crate.objects.update(weight=2),
    "bulk_update": lambda crate: Crate.objects.bulk_update([crate], ["weight"]),
}


@pytest.mark.parametrize("change", CLOCKED_CHANGES.values(), ids=CLOCKED_CHANGES)
def test_every_change_carries_the_databases_time(change, database_clock):
    crate = Crate.objects.create(weight=1)
    models.QuerySet(Crate).update(created_at=LONG_AGO, modified_at=LONG_AGO)
    crate.refresh_from_db()
    change(crate)
    row = Crate.objects.get()
    assert is_recent(row.modified_at)
    assert row.created_at == LONG_AGO
    if change is not CLOCKED_CHANGES["update"]:
        assert crate.modified_at == row.modified_at


def test_the_databases_time_costs_a_query_where_django_does_not_read_it_back(
    database_clock, django_assert_num_queries
):
    with django_assert_num_queries(1):
        crate = Crate.objects.create(weight=1)
    reads_back = django.VERSION >= (6, 0)
    with django_assert_num_queries(0 if reads_back else 1):
        assert crate.modified_at


def test_a_time_that_is_given_wins_over_the_databases(database_clock):
    assert Crate.objects.create(created_at=LONG_AGO).created_at == LONG_AGO


# The fields alone.


def test_the_fields_alone_stamp_every_statement_of_a_composed_manager(editor):
    with change_context(actor=editor):
        ticket = Ticket.objects.create(text="one")
    assert ticket.imported_by == editor
    Ticket.objects.update(text="two")
    assert Ticket.objects.get().imported_by is None
    with change_context(actor=editor):
        Ticket.objects.bulk_update([ticket], ["text"])
    assert Ticket.objects.get().imported_by == ticket.imported_by == editor
    ticket.save()
    assert Ticket.objects.get().imported_by is None


def test_the_suite_knows_the_time():
    assert is_recent(timezone.now())
