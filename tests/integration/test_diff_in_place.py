"""Values that change in place, which no assignment tells of."""

import copy

import pytest
from django.db.models.signals import post_save

from tests.articles import connected
from tests.testapp.models import (
    Article,
    Tag,
    Uneven,
)

pytestmark = pytest.mark.django_db


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
