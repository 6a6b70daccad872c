"""What a save leaves of a diff, and saving what changed alone."""

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.signals import post_save, pre_save
from django.db.utils import ConnectionDoesNotExist

from tests.articles import connected, stored
from tests.testapp.models import (
    Article,
    Gauge,
)

pytestmark = pytest.mark.django_db


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
