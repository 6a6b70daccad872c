"""What changed on an instance: of every kind of field and model, loaded or new."""

import datetime as dt

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.core.files.base import ContentFile
from django.db import models
from django.db.models.signals import post_init

from django_modernize.diff import NOT_LOADED, ModelDiffMixin
from tests.articles import TOKEN, stored
from tests.testapp.models import (
    Article,
    ArticleView,
    Chest,
    Essay,
    Gauge,
    Magazine,
    Tag,
    Writer,
)

pytestmark = pytest.mark.django_db


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
