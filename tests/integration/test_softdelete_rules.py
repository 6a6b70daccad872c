"""Each on_delete means what its name says, and a restore takes it back."""

import uuid

import pytest
from django.core import serializers
from django.db import connection, models, transaction
from django.db.models import RestrictedError
from django.test.utils import isolate_apps, modify_settings

from django_modernize.exceptions import JournalUnavailable
from django_modernize.softdelete import (
    RestoreConflict,
    delete_together,
    post_restore,
    post_soft_delete,
    pre_restore,
    pre_soft_delete,
)
from django_modernize.softdelete.journal import forget_lost_keys
from django_modernize.softdelete.models import DeletionJournal
from django_modernize.softdelete.restoration import Restoration
from django_modernize.softdelete.rules import Rule, find_replacement, find_rule
from tests.testapp.models import (
    Album,
    Chapter,
    Label,
    Marker,
    Pile,
    Rack,
    RackUse,
    Record,
    Track,
)

pytestmark = pytest.mark.django_db

MODELS = (Rack, Album, Album.labels.through, Label, Track, Chapter, Marker, Record, RackUse)


def dump():
    """Return every row of every model, hidden ones too."""
    rows = [row for model in MODELS for row in model._base_manager.order_by("pk")]
    return serializers.serialize("json", rows)


@pytest.fixture
def pile():
    return Rack.objects.create(pk=1, name="pile")


@pytest.fixture
def shelf(pile):
    return Rack.objects.create(pk=2, name="shelf", code=uuid.uuid4())


@pytest.fixture
def album(shelf):
    return Album.objects.create(
        title="album", shelf=shelf, by_code=shelf, reserve=shelf, moved=shelf, anywhere=shelf
    )


@pytest.fixture
def without_journal():
    """A project that has the mixin, and not the application."""
    with modify_settings(INSTALLED_APPS={"remove": "django_modernize.softdelete"}):
        yield


def read_keys(album):
    album = Album.all_objects.get(pk=album.pk)
    return (
        album.shelf_id,
        album.by_code_id,
        album.reserve_id,
        album.moved_id,
        album.anywhere_id,
    )


def test_replaced_keys_are_set_as_their_rule_says_and_put_back(shelf, album):
    before = dump()
    assert shelf.delete() == (1, {"testapp.Rack": 1})
    assert read_keys(album) == (None, None, 1, 1, 2)
    shelf.restore()
    assert dump() == before
    assert not DeletionJournal.objects.exists()


def test_what_a_key_is_set_to_is_not_computed_for_nobody():
    Rack.objects.create(name="there is no pile").delete()
    assert not Rack.objects.exists()


def test_a_key_that_somebody_set_anew_is_not_put_back(shelf, album):
    other = Rack.objects.create(pk=3, name="other")
    shelf.delete()
    Album.objects.update(shelf=other)
    shelf.restore()
    assert read_keys(album) == (other.pk, shelf.code, 2, 2, 2)


def test_a_key_whose_row_is_gone_for_good_stays_empty(shelf, album):
    track = Track.objects.create(album=album)
    record = Record.objects.create(batch="a", number=1, album=album)
    album.delete()
    assert Record.objects.get().album is None
    Album.all_objects.all().hard_delete()
    assert not Track.all_objects.filter(pk=track.pk).exists()
    Restoration(Album, using="default").restore_deletions([album.deletion_id])
    assert Record.objects.get(pk=record.pk).album is None


def test_a_row_with_a_composite_key_gets_its_key_back(album):
    Record.objects.create(batch="a", number=1, album=album)
    Record.objects.create(batch="a1", number=1, album=album)
    before = dump()
    album.delete()
    assert not Record.objects.exclude(album=None).exists()
    album.restore()
    assert dump() == before


def test_a_hidden_rows_key_is_replaced_too_so_that_any_order_of_restores_is_right(shelf, album):
    before = dump()
    album.delete()
    shelf.delete()
    album.restore()
    assert read_keys(album) == (None, None, 1, 1, 2)
    shelf.restore()
    assert dump() == before


@pytest.mark.parametrize("first_back", ["shelf", "other"])
def test_a_key_that_two_deletions_replaced_comes_back_in_any_order(pile, shelf, album, first_back):
    before = dump()
    shelf.delete()
    assert read_keys(album)[3] == pile.pk
    other = Rack.objects.create(pk=3, name="other")
    Rack.objects.filter(pk=pile.pk).update(name="old pile")
    Rack.objects.filter(pk=other.pk).update(name="pile")
    pile.delete()
    assert read_keys(album)[3] == other.pk
    for row in (shelf, pile) if first_back == "shelf" else (pile, shelf):
        row.restore()
    Rack.objects.filter(pk=other.pk).hard_delete()
    Rack.objects.filter(pk=pile.pk).update(name="pile")
    assert dump() == before


@pytest.mark.parametrize("first_back", [0, 1])
def test_a_key_that_was_set_anew_between_two_deletions_is_put_back_to_that(
    pile, shelf, album, first_back
):
    shelf.delete()
    Album.objects.update(shelf=pile)
    pile.delete()
    assert Album.objects.get().shelf is None
    order = [shelf, pile] if first_back == 0 else [pile, shelf]
    for rack in order:
        rack.restore()
    assert Album.objects.get().shelf == pile
    assert not DeletionJournal.objects.filter(field="shelf").exists()


def test_a_replaced_key_is_named_with_what_it_was(shelf, album):
    shelf.delete()
    told = {str(entry) for entry in DeletionJournal.objects.all()}
    assert f"testapp.album {album.pk} shelf: 2 → None" in told


@pytest.mark.usefixtures("without_journal")
def test_without_the_application_no_key_is_replaced_and_a_deletion_comes_back(shelf, album):
    track = Track.objects.create(album=album)
    before = dump()
    shelf.delete()
    album.delete()
    assert not Track.objects.filter(pk=track.pk).exists()
    assert read_keys(album)[0] == shelf.pk
    assert not DeletionJournal.objects.exists()
    Album.all_objects.get(pk=album.pk).restore()
    shelf.restore()
    forget_lost_keys(using="default")
    assert dump() == before


def test_two_deletions_that_replaced_one_key_come_back_together(pile, shelf, album):
    shelf.delete()
    Rack.objects.filter(pk=pile.pk).update(name="old pile")
    Rack.objects.create(pk=4, name="pile")
    pile.delete()
    Rack.deleted_objects.restore()
    assert read_keys(album) == (2, shelf.code, 2, 2, 2)


def test_generic_children_and_links_go_and_come_back(album):
    album.labels.add(Label.objects.create(name="rock"))
    marker = Marker.objects.create(marked=album)
    Marker.objects.create(marked=Label.objects.get())
    before = dump()
    assert album.delete() == (2, {"testapp.Album": 1, "testapp.Marker": 1})
    assert Marker.all_objects.get(pk=marker.pk).deletion_id == album.deletion_id
    assert Album.labels.through.objects.exists()
    album.restore()
    assert dump() == before


def test_a_generic_child_does_not_come_back_under_a_deleted_parent(album):
    marker = Marker.objects.create(marked=album)
    marker.delete()
    album.delete()
    with pytest.raises(RestoreConflict, match="belongs to the deleted album album"):
        marker.restore()
    assert marker.restore(with_parents=True)[0] == 2
    assert Album.objects.get() == album


def test_a_row_that_stays_restricts_unless_django_would_delete_it_along(shelf, album):
    RackUse.objects.create(shelf=shelf, album=album)
    with pytest.raises(RestrictedError, match=r"RackUse\.shelf"):
        shelf.delete()
    assert Rack.objects.filter(pk=shelf.pk).exists()


def test_restoring_with_parents_restores_the_deletions_that_took_them(album):
    track = Track.objects.create(album=album)
    chapter = Chapter.objects.create(track=track)
    before = dump()
    chapter.delete()
    track.delete()
    album.delete()
    with pytest.raises(RestoreConflict):
        chapter.restore()
    assert Chapter.deleted_objects.all().restore(with_parents=True) == (
        3,
        {"testapp.Album": 1, "testapp.Chapter": 1, "testapp.Track": 1},
    )
    assert dump() == before


def test_all_conflicts_are_listed_at_once(album):
    first = Track.objects.create(album=album)
    Track.objects.create(album=album)
    Track.objects.all().delete()
    album.delete()
    Album.objects.create(title="album")
    before = dump()
    with pytest.raises(RestoreConflict) as caught:
        first.restore()
    assert len(caught.value.conflicts) == 2
    with pytest.raises(RestoreConflict) as caught:
        first.restore(with_parents=True)
    assert caught.value.conflicts == ["album (album): Album with this Title already exists."]
    assert dump() == before


def test_a_parent_that_lives_is_no_conflict(album):
    track = Track.objects.create(album=Album.objects.create(title="other"))
    delete_together(Album.objects.filter(pk=album.pk), Track.objects.filter(pk=track.pk))
    Album.objects.create(title="album")
    with pytest.raises(RestoreConflict) as caught:
        Album.deleted_objects.restore()
    assert caught.value.conflicts == ["album (album): Album with this Title already exists."]


def test_a_key_whose_model_or_field_is_no_more_is_no_obstacle(shelf, album):
    before = read_keys(album)
    shelf.delete()
    for model, field in (("testapp.gone", "key"), ("testapp.album", "gone")):
        DeletionJournal.objects.create(
            deletion_id=shelf.deletion_id, model=model, field=field, row_key="1", old_key="1"
        )
    shelf.restore()
    assert read_keys(album) == before
    assert not DeletionJournal.objects.exists()


def fill_album(album, count):
    tracks = Track.objects.bulk_create(Track(album=album) for _ in range(count))
    Chapter.objects.bulk_create(Chapter(track=track) for track in tracks)
    Marker.objects.bulk_create(Marker(marked=album) for _ in range(count))


def test_statements_do_not_depend_on_the_number_of_rows(
    album, django_assert_num_queries, django_assert_max_num_queries
):
    fill_album(album, 10)
    # Two for each of the four models, and two to begin and to end.
    with django_assert_max_num_queries(10) as few:
        album.delete()
    with django_assert_max_num_queries(10) as few_back:
        album.restore()
    fill_album(album, 990)
    with django_assert_num_queries(len(few)):
        assert album.delete()[0] == 3001
    with django_assert_num_queries(len(few_back)):
        assert album.restore()[0] == 3001


def test_rows_without_relations_cost_one_statement(django_assert_num_queries):
    Pile.objects.bulk_create(Pile(name=str(number)) for number in range(100))
    with django_assert_num_queries(1):
        assert Pile.objects.exclude(name="1").delete() == (99, {"testapp.Pile": 99})
    pile = Pile.objects.get()
    with django_assert_num_queries(1):
        assert pile.delete() == (1, {"testapp.Pile": 1})


def test_listeners_hear_of_each_row_and_cost_no_statement_per_row(
    album, django_assert_max_num_queries
):
    fill_album(album, 20)
    heard = []

    def listen(signal):
        def receiver(sender, instance, deletion_id, **kwargs):
            heard.append((signal, sender.__name__, instance.is_deleted, deletion_id))

        return receiver

    signals = {
        "before": pre_soft_delete,
        "after": post_soft_delete,
        "before back": pre_restore,
        "after back": post_restore,
    }
    receivers = {name: listen(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(receivers[name], sender=Track)
    try:
        with django_assert_max_num_queries(11):
            album.delete()
        deletion = album.deletion_id
        assert (
            heard
            == [("before", "Track", False, deletion)] * 20
            + [("after", "Track", True, deletion)] * 20
        )
        heard.clear()
        track = album.tracks(manager="all_objects").first()
        with django_assert_max_num_queries(11):
            album.restore()
        assert (
            heard
            == [("before back", "Track", True, deletion)] * 20
            + [("after back", "Track", False, deletion)] * 20
        )
        heard.clear()
        track.refresh_from_db()
        track.delete()
        assert [name for name, *_ in heard] == ["before", "after"]
        assert not Track.objects.filter(pk=track.pk).exists()
    finally:
        for name, signal in signals.items():
            signal.disconnect(receivers[name], sender=Track)


def rule_of(on_delete):
    with isolate_apps("tests.testapp"):

        class Parent(models.Model):
            class Meta:
                app_label = "testapp"

        class Child(models.Model):
            parent = models.ForeignKey(Parent, on_delete, null=True)

            class Meta:
                app_label = "testapp"

        return find_rule(Child._meta.get_field("parent"))


def cascade_and_log(collector, field, rows, using):
    models.CASCADE(collector, field, rows, using)


def protect_always(collector, field, rows, using):
    models.PROTECT(collector, field, rows, using)


def restrict_always(collector, field, rows, using):
    models.RESTRICT(collector, field, rows, using)


def cascade_and_empty(collector, field, rows, using):
    # As CASCADE does where a database cannot defer its checks.
    models.CASCADE(collector, field, rows, using)
    collector.add_field_update(field, None, rows)


def set_nothing(collector, field, rows, using):
    models.SET_NULL(collector, field, rows, using)


@pytest.mark.parametrize(
    ("on_delete", "rule"),
    [
        (models.CASCADE, Rule.CASCADE),
        (models.SET(1), Rule.REPLACE),
        (models.DO_NOTHING, Rule.NOTHING),
        (cascade_and_log, Rule.CASCADE),
        (cascade_and_empty, Rule.CASCADE),
        (protect_always, Rule.PROTECT),
        (restrict_always, Rule.RESTRICT),
        (set_nothing, Rule.REPLACE),
    ],
)
def test_a_projects_own_rule_is_understood(on_delete, rule):
    assert rule_of(on_delete) is rule


@pytest.mark.needs_django(6, 1, reason="brings rules of the database")
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("DB_CASCADE", Rule.CASCADE),
        ("DB_SET_NULL", Rule.REPLACE),
        ("DB_SET_DEFAULT", Rule.REPLACE),
    ],
)
def test_a_rule_of_the_database_means_the_same_as_djangos(name, rule):
    with isolate_apps("tests.testapp"):

        class Parent(models.Model):
            class Meta:
                app_label = "testapp"

        class Child(models.Model):
            parent = models.ForeignKey(Parent, getattr(models, name), null=True, db_default=7)

            class Meta:
                app_label = "testapp"

        field = Child._meta.get_field("parent")
        assert find_rule(field) is rule
        if rule is Rule.REPLACE:
            assert find_replacement(field) == (7 if name == "DB_SET_DEFAULT" else None)


def test_without_the_journals_table_what_needs_it_says_what_to_run(album, shelf):
    album.delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {DeletionJournal._meta.db_table}")
    attempts = (
        album.restore,
        Album.all_objects.all().restore,
        shelf.delete,
        lambda: forget_lost_keys(using="default"),
    )
    for attempt in attempts:
        with pytest.raises(JournalUnavailable, match="migrate") as caught, transaction.atomic():
            attempt()
        assert "LINE" not in str(caught.value)
    assert Rack.objects.filter(pk=shelf.pk).exists()
    assert not Album.objects.exists()
