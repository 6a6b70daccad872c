"""What changed on an instance, by every way to load, change and save it."""

import copy
import datetime as dt
import gc
import pickle
import uuid
import weakref
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.core.exceptions import FieldDoesNotExist
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.db.models.signals import post_init, post_save, pre_save
from django.db.utils import ConnectionDoesNotExist

from django_modernize.diff import NOT_LOADED, ModelDiffMixin
from tests.testapp.models import (
    Article,
    ArticleView,
    Chest,
    Essay,
    Gauge,
    Magazine,
    Tag,
    Uneven,
    Writer,
)

pytestmark = pytest.mark.django_db

TOKEN = uuid.UUID(int=7)


@pytest.fixture
def writer():
    return Writer.objects.create(name="first")


@pytest.fixture
def article(writer):
    """A loaded row."""
    made = Article.objects.create(
        title="one",
        pages=1001,
        price=Decimal("1.10"),
        printed_at=dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC),
        token=TOKEN,
        extra={"list": [1]},
        tags=["a", "b"],
        digest=b"x",
        scan="scan.txt",
        writer=writer,
    )
    return Article.objects.get(pk=made.pk)


def stored(instance):
    return type(instance).objects.get(pk=instance.pk)


# Loaded and changed.


def test_a_loaded_row_has_no_change(article):
    assert article.diff == {}
    assert not article.has_changed
    assert article.changed_fields == ()


def test_reading_every_field_changes_nothing(article):
    for field in Article._meta.concrete_fields:
        getattr(article, field.attname)
    assert article.diff == {}


def test_a_change_is_told_with_old_and_new(article):
    article.title, article.pages = "two", 5
    assert article.diff == {"title": ("one", "two"), "pages": (1001, 5)}
    assert article.has_changed
    assert article.changed_fields == ("title", "pages")
    assert article.get_field_diff("title") == ("one", "two")
    assert article.get_field_diff("body") is None
    assert article.previous("title") == "one"
    assert article.previous("body") == ""


def test_a_change_that_is_taken_back_is_none(article):
    article.title = "two"
    article.title = "one"
    assert article.diff == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pages", "1001"),
        ("pages", 1001.0),
        ("title", type("Text", (str,), {})("one")),
        ("price", "1.1"),
        ("price", 1.1),
        ("token", str(TOKEN)),
        ("is_open", 0),
        ("is_open", "False"),
        ("digest", bytearray(b"x")),
        ("extra", {"list": (1,)}),
        ("scan", "scan.txt"),
        ("printed_at", dt.datetime(2026, 1, 1, 13, tzinfo=dt.timezone(dt.timedelta(hours=1)))),
    ],
)
def test_an_equal_value_of_another_type_is_no_change(article, name, value):
    setattr(article, name, value)
    assert article.diff == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pages", "no number"),
        ("pages", None),
        ("printed_at", dt.datetime(2026, 1, 1, 12)),
        ("printed_at", dt.date(2026, 1, 1)),
        ("printed_at", "2026-01-01T12:00"),
        ("extra", {"list": [True]}),
        ("extra", {"list": [1], "more": None}),
        ("extra", {"list": [1, 2]}),
        ("token", "no uuid"),
        ("tags", ["b", "a"]),
    ],
)
def test_another_value_is_a_change_however_odd(article, name, value):
    setattr(article, name, value)
    assert article.changed_fields == (name,)
    assert article.get_field_diff(name)[1] is value


def test_a_name_that_is_no_field_is_refused_with_those_that_are(article):
    for call in (article.previous, article.get_field_diff):
        with pytest.raises(FieldDoesNotExist, match=r"Known are .*'title'"):
            call("titel")


# Values that change in place.


def test_a_change_in_place_is_seen(article):
    article.extra["list"].append(2)
    article.tags.remove("a")
    assert article.diff == {
        "extra": ({"list": [1]}, {"list": [1, 2]}),
        "tags": (["a", "b"], ["b"]),
    }
    assert article.previous("tags") == ["a", "b"]


def test_a_change_in_place_after_a_save_is_seen(article):
    kept = article.extra
    kept["list"].append(2)
    article.save()
    assert article.diff == {}
    kept["list"].append(3)
    assert article.diff == {"extra": ({"list": [1, 2]}, {"list": [1, 2, 3]})}


def test_a_change_in_place_of_what_was_assigned_is_seen():
    tags = ["a"]
    article = Article.objects.create(tags=tags)
    tags.append("b")
    assert article.diff == {"tags": (["a"], ["a", "b"])}
    (other,) = Article.objects.bulk_create([Article(tags=tags)])
    tags.append("c")
    assert other.diff == {"tags": (["a", "b"], ["a", "b", "c"])}


def test_a_change_in_place_after_a_refresh_is_seen(article):
    article.tags.append("c")
    article.refresh_from_db()
    assert article.diff == {}
    article.tags.append("d")
    assert article.diff == {"tags": (["a", "b"], ["a", "b", "d"])}


def test_a_value_is_copied_once_and_only_when_it_is_read(article, monkeypatch):
    copied = []
    monkeypatch.setattr(
        "django_modernize.diff.values._copy_plain",
        lambda value: copied.append(value) or copy.deepcopy(value),
    )
    article.title = "two"
    assert article.has_changed
    article.save(update_fields=["title"])
    assert copied == []
    assert article.tags is article.tags
    article.save()
    assert copied.count(["a", "b"]) == 1


def test_a_value_that_nobody_read_is_not_deferred(article, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert article.get_deferred_fields() == set()
        assert article.tags == ["a", "b"]
    assert Article.objects.defer("tags").get().get_deferred_fields() == {"tags"}


def test_a_value_that_nobody_read_stays_so_when_others_are_read_again(
    article, django_assert_num_queries
):
    article.refresh_from_db(fields=["pages"])
    with django_assert_num_queries(0):
        assert article.tags == ["a", "b"]
    article.tags.append("c")
    assert article.diff == {"tags": (["a", "b"], ["a", "b", "c"])}


def test_a_save_before_anything_was_read_is_one_of_all_fields(article):
    saved = []
    with connected(post_save, lambda update_fields, **kwargs: saved.append(update_fields)):
        article.save()
    assert saved == [None]
    assert Article.objects.get().tags == ["a", "b"]


def test_a_value_that_was_read_can_be_taken_off_and_loaded_again(
    article, django_assert_num_queries
):
    article.tags.append("c")
    del article.tags
    with django_assert_num_queries(1):
        assert article.tags == ["a", "b"]
    assert article.diff == {}


def test_a_value_that_is_assigned_unread_is_a_change_until_it_is_saved(article):
    article.tags = ["c"]
    assert article.diff == {"tags": (["a", "b"], ["c"])}
    article.save(update_fields=["tags"])
    article.tags.append("d")
    assert article.diff == {"tags": (["c"], ["c", "d"])}


def test_an_attribute_of_the_projects_own_keeps_its_ways():
    Tag.objects.create(shape=Uneven("round"), colours="red green")
    tag = Tag.objects.get()
    assert tag.diff == {}
    tag.colours.append("blue")
    assert tag.diff == {"colours": (["red", "green"], ["red", "green", "blue"])}
    tag.save()
    tag.colours = "red"
    assert tag.colours == ["red"]
    assert tag.changed_fields == ("colours",)


def test_a_value_without_equality_does_no_harm():
    Tag.objects.create(shape=Uneven("round"))
    tag = Tag.objects.get()
    assert tag.shape.text == "round"
    assert tag.diff == {}
    tag.save()
    assert tag.diff == {}
    tag.shape = Uneven("flat")
    assert tag.changed_fields == ("shape",)
    tag.save()
    assert tag.diff == {}


class Quarrelsome:
    """A value that cannot be compared, and whose copy is another."""

    def __eq__(self, other):
        raise RuntimeError("not to be compared")

    __hash__ = None


def test_a_value_that_cannot_be_compared_counts_as_a_change(article):
    article.title = Quarrelsome()
    article.extra = [Quarrelsome()]
    assert article.changed_fields == ("title", "extra")
    assert article.extra is article.extra


# Deferred fields.


def test_deferred_fields_ask_no_query(article, django_assert_num_queries):
    part = Article.objects.only("title").get(pk=article.pk)
    with django_assert_num_queries(0):
        assert part.diff == {}
        part.title = "two"
        assert part.diff == {"title": ("one", "two")}
        assert part.previous("pages") is NOT_LOADED
        assert part.get_field_diff("pages") is None
    assert "pages" in part.get_deferred_fields()


def test_a_deferred_field_that_is_assigned_is_a_change_from_the_unknown(article):
    part = Article.objects.only("title").get(pk=article.pk)
    part.pages = 1001
    part.extra = {}
    assert part.diff == {"pages": (NOT_LOADED, 1001), "extra": (NOT_LOADED, {})}
    assert part.extra == {}
    assert part.diff["extra"] == (NOT_LOADED, {})


def test_reading_a_deferred_field_leaves_a_pending_change_alone(article):
    part = Article.objects.only("title").get(pk=article.pk)
    part.title = "two"
    assert part.pages == 1001
    assert part.tags == ["a", "b"]
    assert part.diff == {"title": ("one", "two")}
    part.pages += 1
    part.tags.append("c")
    assert part.diff == {
        "title": ("one", "two"),
        "pages": (1001, 1002),
        "tags": (["a", "b"], ["a", "b", "c"]),
    }


@pytest.mark.needs_django(6, 1, reason="brings fetch modes")
def test_a_deferred_field_that_is_fetched_for_all_is_no_change_on_any(django_assert_num_queries):
    from django.db.models import FETCH_PEERS

    Article.objects.bulk_create(Article(title=str(number), tags=["a"]) for number in range(3))
    rows = list(Article.objects.only("title").order_by("pk").fetch_mode(FETCH_PEERS))
    rows[2].pages = 9
    with django_assert_num_queries(3):
        assert rows[0].pages == 1
        assert rows[0].tags == ["a"]
        assert rows[0].writer_id is None
    assert [row.changed_fields for row in rows] == [(), (), ("pages",)]
    rows[1].tags.append("b")
    assert rows[1].diff == {"tags": (["a"], ["a", "b"])}


def test_a_row_from_raw_sql_has_a_diff(article):
    (row,) = Article.objects.raw("SELECT id, title FROM testapp_article")
    row.title = "two"
    assert row.diff == {"title": ("one", "two")}
    assert row.pages == 1001
    assert row.diff == {"title": ("one", "two")}


def test_a_row_from_select_related_has_a_diff(article, django_assert_num_queries):
    Essay.objects.create(title="e")
    with django_assert_num_queries(1):
        row = Article.objects.select_related("writer", "essay").order_by("-pk")[0]
        row.essay.title = "two"
        assert row.essay.diff == {"title": ("e", "two")}
        assert row.diff == {}


# Refreshing.


def test_a_refresh_forgets_all_changes(article):
    Article.objects.update(pages=7)
    article.title = "two"
    article.refresh_from_db()
    assert article.diff == {}
    assert article.previous("pages") == 7


def test_a_refresh_of_some_fields_forgets_their_changes_alone(article):
    article.title, article.pages = "two", 5
    article.refresh_from_db(fields=["pages"])
    assert article.diff == {"title": ("one", "two")}
    async_to_sync(article.arefresh_from_db)(fields=iter(["title"]))
    assert article.diff == {}


def test_a_refresh_in_a_receiver_is_not_undone_by_the_save(article):
    def refresh(instance, **kwargs):
        instance.refresh_from_db()

    article.pages = F("pages") + 1
    with connected(post_save, refresh):
        article.save()
    assert article.pages == 1002
    assert article.diff == {}


# Saving.


def test_a_save_makes_the_values_the_known_ones(article):
    article.title = "two"
    article.save()
    assert article.diff == {}
    assert article.previous("title") == "two"


def test_a_save_of_some_fields_leaves_the_others_changed(article):
    article.title, article.pages = "two", 5
    article.save(update_fields=["title"])
    assert article.diff == {"pages": (1001, 5)}
    async_to_sync(article.asave)(update_fields=["pages"])
    assert article.diff == {}


def test_a_save_that_fails_keeps_the_diff(article, writer):
    article.title, article.writer_id = "two", writer.pk
    article.pages = None
    expected = article.diff
    with pytest.raises(IntegrityError), transaction.atomic():
        article.save()
    assert article.diff == expected == {"title": ("one", "two"), "pages": (1001, None)}


def test_a_creation_that_fails_keeps_the_diff():
    article = Article(title="one", pages=None)
    expected = article.diff
    with pytest.raises(IntegrityError), transaction.atomic():
        article.save()
    assert article.diff == expected
    article.pages = 1
    article.save()
    assert article.diff == {}


def test_a_receiver_that_fails_keeps_the_diff(article):
    def fail(**kwargs):
        raise LookupError

    fresh = Article(title="one")
    article.title = "two"
    for instance, expected in ((article, {"title": ("one", "two")}), (fresh, fresh.diff)):
        with connected(post_save, fail), pytest.raises(LookupError), transaction.atomic():
            instance.save()
        given = ("id", "level", "double")  # by the database
        changed = {name: one for name, one in instance.diff.items() if name not in given}
        assert changed == expected
    article.save()
    assert article.diff == {}


def connected(signal, receiver, sender=Article):
    class Connection:
        def __enter__(self):
            signal.connect(receiver, sender=sender)

        def __exit__(self, *exc_info):
            signal.disconnect(receiver, sender=sender)

    return Connection()


def test_receivers_of_a_save_still_see_the_diff(article):
    seen = []

    def look(instance, **kwargs):
        seen.append(instance.diff)

    article.title = "two"
    with connected(pre_save, look), connected(post_save, look):
        article.save()
    assert seen == [{"title": ("one", "two")}] * 2
    assert article.diff == {}


def test_what_a_receiver_reads_does_not_hide_the_diff(article):
    seen = []

    def look(instance, **kwargs):
        seen.append((instance.tags, instance.diff))

    article.title = "two"
    with connected(post_save, look):
        article.save(update_fields=["title"])
    assert seen == [(["a", "b"], {"title": ("one", "two")})]


def test_receivers_of_a_creation_still_see_the_diff():
    seen = []

    def look(instance, **kwargs):
        seen.append(instance.diff.get("title"))

    with connected(post_save, look):
        Article.objects.create(title="one")
    assert seen == [(None, "one")]


def test_what_a_receiver_sets_without_saving_is_a_change(article):
    def set_pages(instance, **kwargs):
        instance.pages = 5

    article.title = "two"
    with connected(post_save, set_pages):
        article.save()
    assert article.diff == {"pages": (1001, 5)}


def test_what_a_receiver_saves_again_is_none(article):
    seen = []

    def save_again(instance, **kwargs):
        seen.append(instance.diff)
        if len(seen) == 1:
            instance.pages = 5
            instance.save(update_fields=["pages"])

    def look(instance, **kwargs):
        seen.append(instance.diff)

    article.title = "two"
    with connected(post_save, save_again), connected(post_save, look):
        article.save()
    both = {"title": ("one", "two"), "pages": (1001, 5)}
    assert seen == [{"title": ("one", "two")}, both, both, both]
    assert article.diff == {}
    assert stored(article).pages == 5


def test_muted_signals_do_not_freeze_the_diff(article, monkeypatch):
    monkeypatch.setattr(post_save, "receivers", [])
    post_save.sender_receivers_cache.clear()
    try:
        article.title = "two"
        article.save()
        assert article.diff == {}
    finally:
        post_save.sender_receivers_cache.clear()


def test_bulk_writing_moves_the_known_values(article):
    article.title, article.pages = "two", 5
    Article.objects.bulk_update([article], ["title"])
    assert article.diff == {"pages": (1001, 5)}
    (made,) = Article.objects.bulk_create([Article(title="one")])
    assert made.diff == {}


def test_loaddata_leaves_no_change(article):
    (read,) = serializers.deserialize("json", serializers.serialize("json", [article]))
    read.save()
    assert read.object.diff == {}
    read.object.title = "two"
    assert read.object.diff == {"title": ("one", "two")}
    read.object.save()
    assert read.object.diff == {}


# Saving only what changed.


def test_saving_nothing_asks_no_query(article, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert article.save_changed() is False


def test_saving_what_changed_writes_that_alone(article):
    article.title = "two"
    article.tags.append("c")
    Article.objects.update(pages=7)
    statements = []

    def note(execute, sql, *rest):
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        assert article.save_changed() is True
    (update,) = [sql for sql in statements if sql.startswith("UPDATE")]
    assert "title" in update
    assert "pages" not in update
    assert stored(article).tags == ["a", "b", "c"]
    assert stored(article).pages == 7
    assert article.diff == {}


def test_saving_what_changed_of_a_new_instance_creates_it():
    article = Article(title="one")
    assert async_to_sync(article.asave_changed)() is True
    assert article.diff == {}
    assert stored(article).title == "one"


def test_saving_what_changed_writes_to_the_database_that_is_named(article):
    article.title = "two"
    for instance in (article, Article(title="new")):
        for save in (instance.save_changed, async_to_sync(instance.asave_changed)):
            with pytest.raises(ConnectionDoesNotExist, match="elsewhere"):
                save(using="elsewhere")


def test_saving_what_changed_under_another_key_makes_a_copy(article):
    article.pk = None
    assert article.changed_fields == ("id",)
    assert article.save_changed() is True
    assert Article.objects.count() == 2


def test_saving_what_changed_brings_the_stamps_along():
    gauge = Gauge.objects.get(pk=Gauge.objects.create().pk)
    before = gauge.modified_at
    assert gauge.save_changed(using="default") is False
    gauge.height = 2
    assert gauge.save_changed(using="default") is True
    assert stored(gauge).modified_at > before
    assert gauge.diff == {}


def test_an_expression_is_written_once(article):
    article.pages = F("pages") + 1
    old, new = article.get_field_diff("pages")
    assert (old, repr(new)) == (1001, "<CombinedExpression: F(pages) + Value(1)>")
    assert article.save_changed()
    assert article.diff == {}
    assert not article.save_changed()
    assert stored(article).pages == 1002
    article.refresh_from_db()
    assert article.diff == {}
    assert article.previous("pages") == 1002


# New instances.


def test_every_value_of_a_new_instance_is_a_change_from_none(writer):
    article = Article(title="one", token=TOKEN, writer=writer)
    assert article.diff == {
        "title": (None, "one"),
        "pages": (None, 1),
        "is_open": (None, False),
        "token": (None, TOKEN),
        "rank": (None, 0),
        "weight": (None, 0),
        "issue": (None, 0),
        "copies": (None, 0),
        "readers": (None, 0),
        "writer": (None, writer.pk),
    }
    assert article.previous("title") is None


def test_a_new_instance_of_nothing_but_gaps_has_no_change():
    assert not Tag().has_changed
    assert Gauge().diff == {"height": (None, 1)}


def test_a_hand_made_instance_of_a_row_knows_what_it_wrote(article):
    twin = Article(pk=article.pk, title="two")
    twin.save(update_fields=["title"])
    twin.title = "three"
    assert twin.get_field_diff("title") == ("two", "three")
    assert twin.get_field_diff("pages") == (NOT_LOADED, 1)


# Kinds of fields and models.


def test_a_foreign_key_is_told_by_its_key(article, writer, django_assert_num_queries):
    other = Writer.objects.create(name="second")
    row = Article.objects.get(pk=article.pk)
    with django_assert_num_queries(0):
        row.writer = other
        assert row.diff == {"writer": (writer.pk, other.pk)}
        assert row.get_field_diff("writer_id") == (writer.pk, other.pk)
        row.writer_id = writer.pk
        assert row.diff == {}
        row.writer_id = str(writer.pk)
        assert row.diff == {}
        row.writer = None
        assert row.diff == {"writer": (writer.pk, None)}


def test_a_foreign_key_is_written_and_read_by_the_name_of_its_column(article):
    other = Writer.objects.create(name="second")
    article.writer_id = other.pk
    article.save(update_fields=["writer_id"])
    assert article.diff == {}
    article.writer = None
    article.refresh_from_db(fields=["writer_id"])
    assert article.diff == {}


def test_a_file_is_told_by_its_name(article):
    assert article.scan.name == "scan.txt"
    article.scan = ContentFile(b"new", name="scan.txt")
    assert article.diff == {"scan": ("scan.txt", "scan.txt")}
    assert article.scan.name == "scan.txt"
    assert article.has_changed
    article.save()
    assert article.diff == {}
    name = stored(article).scan.name
    article.scan.save("other.txt", ContentFile(b"x"), save=False)
    assert article.diff == {"scan": (name, article.scan.name)}
    article.scan.delete(save=False)
    assert article.diff == {"scan": (name, None)}
    article.save()
    assert stored(article).diff == article.diff == {}


def test_columns_of_the_database_are_known_after_a_save():
    gauge = Gauge.objects.create()
    assert gauge.level == 7
    assert gauge.diff == {}
    gauge.height = 5
    gauge.save()
    assert gauge.diff == {}
    gauge.height = 6
    gauge.save(update_fields=["height"])
    assert gauge.diff == {}
    gauge.refresh_from_db()
    assert (gauge.double, gauge.diff) == (12, {})


def test_a_child_by_multi_table_inheritance_tells_its_parents_changes():
    essay = Essay.objects.get(pk=Essay.objects.create(title="one", tags=["a"]).pk)
    assert essay.diff == {}
    essay.title, essay.grade = "two", 5
    essay.tags.append("b")
    essay.notes.append(1)
    assert essay.diff == {
        "title": ("one", "two"),
        "tags": (["a"], ["a", "b"]),
        "grade": (1, 5),
        "notes": ([], [1]),
    }
    assert essay.save_changed()
    assert stored(essay).tags == ["a", "b"]
    part = Essay.objects.only("grade").get()
    assert part.id == part.pk == essay.pk
    assert part.diff == {}


def test_a_child_of_a_parent_without_a_diff_has_one():
    magazine = Magazine.objects.get(pk=Magazine.objects.create(text="one").pk)
    magazine.marks.append(1)
    assert magazine.diff == {"marks": ([], [1])}


def test_what_init_changes_on_a_loaded_row_is_a_change():
    magazine = Magazine.objects.create(text="one")
    Magazine.objects.update(text=" one ")
    assert stored(magazine).diff == {"text": (" one ", "one")}


def test_a_proxy_tells_what_changed(article):
    view = ArticleView.objects.get(pk=article.pk)
    view.title = "two"
    view.tags.append("c")
    assert view.changed_fields == ("title", "tags")
    view.save()
    assert view.diff == {}


# Copies.


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda instance: pickle.loads(pickle.dumps(instance))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_has_the_diff_and_goes_its_own_way(article, duplicate):
    assert article.digest is not None
    article.title = "two"
    article.tags.append("c")
    expected = article.diff
    twin = duplicate(article)
    assert twin.diff == expected
    twin.save()
    assert twin.diff == {}
    assert article.diff == expected
    twin.tags = [*twin.tags, "d"]
    twin.title = "three"
    assert twin.changed_fields == ("title", "tags")
    assert article.diff == expected


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda instance: pickle.loads(pickle.dumps(instance))]
)
def test_a_copy_of_an_unread_row_notices_changes_in_place(article, duplicate):
    twin = duplicate(article)
    assert twin.diff == {}
    twin.tags.append("c")
    assert twin.diff == {"tags": (["a", "b"], ["a", "b", "c"])}
    assert article.diff == {}


def test_a_copy_made_while_saving_is_settled(article):
    copies = []

    def keep(instance, **kwargs):
        copies.append(pickle.loads(pickle.dumps(instance)))

    article.title = "two"
    with connected(post_save, keep):
        article.save()
    assert copies[0].diff == {}


def test_a_partly_loaded_row_keeps_its_gaps_in_a_copy(article):
    part = copy.deepcopy(Article.objects.only("title").get(pk=article.pk))
    assert part.previous("pages") is NOT_LOADED
    part.pages = 3
    assert pickle.loads(pickle.dumps(part)).diff == {"pages": (NOT_LOADED, 3)}


def test_an_instance_is_freed_at_once():
    Magazine.objects.create(text="one")
    gc.disable()
    try:
        row = Magazine.objects.get()
        row.marks.append("c")
        row.text = "two"
        assert row.has_changed
        row.save()
        seen = weakref.ref(row)
        del row
        assert seen() is None
    finally:
        gc.enable()


def test_templates_cannot_save():
    assert ModelDiffMixin.save_changed.alters_data
    assert ModelDiffMixin.asave_changed.alters_data


def test_a_plain_manager_still_gives_instances_with_a_diff(article):
    row = models.QuerySet(Article).get(pk=article.pk)
    row.title = "two"
    assert row.diff == {"title": ("one", "two")}


def test_a_value_that_is_replaced_while_a_row_is_loaded_stays_and_is_a_change():
    Article.objects.create(title="one", extra={"a": 1})

    def fill_in(instance, **kwargs):
        instance.extra = {**instance.extra, "b": 2}

    post_init.connect(fill_in, sender=Article)
    try:
        loaded = Article.objects.get()
    finally:
        post_init.disconnect(fill_in, sender=Article)
    assert loaded.diff == {"extra": ({"a": 1}, {"a": 1, "b": 2})}
    assert loaded.extra == {"a": 1, "b": 2}


def test_a_model_that_has_stamps_and_no_diff_keeps_its_values_where_plain_django_has_them():
    Chest.objects.create(code="one", extra={"a": 1})
    assert Chest.objects.get().__dict__["extra"] == {"a": 1}
