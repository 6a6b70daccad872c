"""Blocks of ``track_changes()``, many-to-many fields, and what a model chooses to tell."""

import copy

import pytest
from django.core.checks import Error
from django.core.exceptions import FieldDoesNotExist
from django.core.files.base import ContentFile
from django.db import models
from django.db.models.signals import post_save
from django.test.utils import isolate_apps

from django_modernize.diff import ModelDiffMixin, track_changes
from tests.testapp.models import Account, Article, Writer

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    Article.objects.create(title="one", extra={"a": 1}, tags=["x"])
    return Article.objects.get()


@pytest.fixture
def account():
    account = Account.objects.create(name="ann", password="old")
    account.friends.set(Writer.objects.bulk_create([Writer(name="a"), Writer(name="b")]))
    return Account.objects.get()


# Blocks.


def test_a_block_tells_what_changed_since_its_start_whatever_was_saved(article):
    article.pages = 9
    with track_changes(article) as same:
        assert same is article
        assert article.diff == {}
        article.title = "two"
        article.extra["b"] = 2
        article.save()
        assert article.diff == {"title": ("one", "two"), "extra": ({"a": 1}, {"a": 1, "b": 2})}
        assert article.has_changed
        assert article.previous("title") == "one"
        assert article.get_field_diff("title") == ("one", "two")
        assert article.save_changed() is False
    assert article.diff == {}


def test_a_change_from_before_the_block_is_one_again_after_it(article):
    article.pages = 9
    with track_changes(article):
        assert not article.has_changed
        assert article.save_changed() is True
        article.title = "two"
    assert article.diff == {"title": ("one", "two")}


def test_a_file_that_waits_to_be_stored_is_no_change_of_the_block(article):
    article.scan = ContentFile(b"one", name="one.txt")
    with track_changes(article):
        assert article.diff == {}
        article.scan = ContentFile(b"two", name="one.txt")
        assert article.diff == {"scan": ("one.txt", "one.txt")}
        article.save()
    assert article.diff == {}


def test_blocks_can_be_nested(article):
    with track_changes(article):
        article.title = "two"
        with track_changes(article):
            article.title = "three"
            assert article.diff == {"title": ("two", "three")}
        assert article.diff == {"title": ("one", "three")}


def test_a_block_that_fails_ends_too(article):
    with pytest.raises(ValueError, match="no"), track_changes(article):
        article.title = "two"
        article.save()
        raise ValueError("no")
    assert article.diff == {}


def test_a_block_sees_a_creation_from_the_values_of_its_start():
    article = Article(title="one")
    with track_changes(article):
        article.title = "two"
        article.save()
        assert article.diff["title"] == ("one", "two")
        assert article.diff["id"] == (None, article.pk)
        assert article.was_created
        article.save()
        assert not article.was_created


def test_a_deferred_field_that_is_fetched_in_a_block_is_no_change(article):
    part = Article.objects.only("title").get()
    with track_changes(part):
        assert part.pages == 1
        part.refresh_from_db(fields=["price"])
        assert part.diff == {}
        part.pages = 2
        assert part.diff == {"pages": (1, 2)}


def test_a_refresh_in_a_block_tells_what_others_changed(article):
    with track_changes(article):
        Article.objects.update(title="theirs")
        article.refresh_from_db()
        assert article.diff == {"title": ("one", "theirs")}


def test_a_copy_made_in_a_block_knows_nothing_of_it(article):
    with track_changes(article):
        article.title = "two"
        article.save()
        twin = copy.copy(article)
        assert article.has_changed
        assert not twin.has_changed


def test_receivers_in_a_block_see_what_changed_since_its_start(article):
    seen = []

    def note(instance, **kwargs):
        seen.append(instance.changed_fields)

    post_save.connect(note, sender=Article)
    try:
        with track_changes(article):
            article.title = "two"
            article.save()
            article.pages = 2
            article.save()
        article.pages = 3
        article.save()
    finally:
        post_save.disconnect(note, sender=Article)
    assert seen == [("title",), ("title", "pages"), ("pages",)]


def test_a_shallow_copy_made_by_a_receiver_is_settled(article):
    copies = []

    def keep(instance, **kwargs):
        copies.append(copy.copy(instance))

    article.title = "two"
    post_save.connect(keep, sender=Article)
    try:
        article.save()
    finally:
        post_save.disconnect(keep, sender=Article)
    assert copies[0].diff == {}


# Creation.


def test_a_row_was_created_until_it_is_saved_again():
    article = Article(title="one")
    assert not article.was_created
    article.save()
    assert article.was_created
    assert not Article.objects.get().was_created
    article.save()
    assert not article.was_created


def test_receivers_learn_of_a_creation_even_when_one_of_them_saves_again():
    seen = []

    def save_again(instance, **kwargs):
        seen.append(instance.was_created)
        if len(seen) == 1:
            instance.save()

    post_save.connect(save_again, sender=Article)
    try:
        article = Article.objects.create(title="one")
    finally:
        post_save.disconnect(save_again, sender=Article)
    assert seen == [True, True]
    assert article.was_created


def test_a_bulk_creation_is_one_where_that_is_known(article):
    new = Article(title="two")
    Article.objects.bulk_create([new])
    assert new.was_created
    again = Article(title="three")
    Article.objects.bulk_create([again], ignore_conflicts=True)
    assert not again.was_created


def test_a_hand_made_instance_of_a_row_was_not_created(article):
    twin = Article(pk=article.pk, title="two")
    twin.save()
    assert not twin.was_created


# Many-to-many fields, on request.


def test_relations_are_told_of_on_request(account, django_assert_num_queries):
    first, second = Writer.objects.order_by("pk")
    with track_changes(account, relations=["friends", "rivals"]):
        account.friends.remove(first)
        account.name = "bob"
        with django_assert_num_queries(2):
            diff = account.diff
        assert diff == {
            "name": ("ann", "bob"),
            "friends": ((first.pk, second.pk), (second.pk,)),
        }
        assert account.changed_fields == ("name", "friends")
        with django_assert_num_queries(1):
            assert account.get_field_diff("friends") == diff["friends"]
        assert account.get_field_diff("rivals") is None
        assert account.previous("friends") == (first.pk, second.pk)
    assert account.diff == {"name": ("ann", "bob")}


def test_a_change_of_a_relation_alone_is_one(account):
    with track_changes(account, relations=["friends"]):
        assert not account.has_changed
        account.friends.clear()
        assert account.has_changed
        assert account.save_changed() is False


def test_a_prefetched_relation_is_read_again():
    Account.objects.create(name="ann").friends.add(Writer.objects.create(name="a"))
    account = Account.objects.prefetch_related("friends").get()
    with track_changes(account, relations=["friends"]):
        Account.objects.get().friends.clear()
        assert account.changed_fields == ("friends",)


def test_a_new_instance_has_no_relations_yet():
    account = Account(name="ann")
    with track_changes(account, relations=["friends"]):
        account.save()
        account.friends.add(Writer.objects.create(name="a"))
        assert account.diff["friends"] == ((), tuple(Writer.objects.values_list("pk", flat=True)))


def test_a_name_that_is_no_relation_is_refused(account):
    with (
        pytest.raises(FieldDoesNotExist, match=r"'name'.*\['friends', 'rivals'\]"),
        track_changes(account, relations=["name"]),
    ):
        pass


def test_without_a_block_relations_cost_nothing(account, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert account.diff == {}


# Choices.


def test_fields_that_are_left_out_are_not_told_of(account):
    account.note = "new"
    assert account.diff == {}
    assert not account.has_changed
    with pytest.raises(FieldDoesNotExist, match="note"):
        account.get_field_diff("note")


def test_saving_what_changed_writes_fields_that_are_left_out_too(account):
    account.note = "new"
    assert account.save_changed() is True
    assert Account.objects.get().note == "new"


@isolate_apps("tests.testapp")
def test_a_model_may_name_the_fields_to_tell_of():
    class Part(ModelDiffMixin):
        name = models.CharField(max_length=5)
        note = models.CharField(max_length=5)

        diff_fields = ("note",)

        class Meta:
            app_label = "testapp"

    part = Part(name="a", note="b")
    assert part.diff == {"note": (None, "b")}


def test_values_of_sensitive_fields_do_not_show(account):
    account.password = "new"
    account.name = "bob"
    assert account.diff == {"name": ("ann", "bob"), "password": ("old", "new")}
    for shown in (repr(account.diff), str(account.get_field_diff("password"))):
        assert "old" not in shown
        assert "new" not in shown
    assert "'bob'" in repr(account.diff)


@isolate_apps("tests.testapp")
def test_e301_names_what_is_no_field():
    class Wrong(ModelDiffMixin):
        diff_fields = ("nothing",)
        diff_exclude = "name"

        name = models.CharField(max_length=5)

        class Meta:
            app_label = "testapp"

    first, second = (message for message in Wrong.check() if message.id == "modernize.E301")
    assert isinstance(first, Error)
    assert first.obj is Wrong
    assert "diff_fields names ['nothing']" in first.msg
    assert "['id', 'name']" in first.hint
    assert second.hint == 'Write: diff_exclude = ("name",)'
    assert Account.check() == []
