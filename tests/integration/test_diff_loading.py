"""Deferred fields and refreshed rows: what was not loaded, and what is loaded again."""

import pytest
from asgiref.sync import async_to_sync
from django.db.models import F
from django.db.models.signals import post_save

from django_modernize.diff import NOT_LOADED
from tests.articles import connected
from tests.testapp.models import (
    Article,
    Essay,
)

pytestmark = pytest.mark.django_db


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
