"""Copies of an instance, by ``copy`` and by pickling."""

import copy
import gc
import pickle
import weakref

import pytest
from django.db.models.signals import post_save

from django_modernize.diff import NOT_LOADED
from tests.articles import connected
from tests.testapp.models import (
    Article,
    Magazine,
)

pytestmark = pytest.mark.django_db


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
