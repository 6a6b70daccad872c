"""A transaction or savepoint that is rolled back gives the diff back, without anybody telling."""

import copy
import pickle

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.test import TestCase

from django_modernize.context import change_context
from django_modernize.diff.outcomes import find_outcome
from tests.testapp.models import Article, Essay, Gauge, Parcel, Sack

pytestmark = pytest.mark.django_db(transaction=True)


class Undo(Exception):
    """Ends a transaction."""


@pytest.fixture
def article():
    Article.objects.create(title="one", extra={"a": 1})
    return Article.objects.get()


def undo(act, *, savepoint=False):
    """Do something in a transaction, or in a savepoint, that is rolled back."""
    with transaction.atomic() if savepoint else transaction.atomic(durable=True):
        try:
            with transaction.atomic(savepoint=savepoint):
                act()
                raise Undo
        except Undo:
            pass


def change_title(article, title="two"):
    article.title = title
    article.save()
    assert article.diff == {}


WAYS_TO_WRITE = {
    "save": lambda article: article.save(),
    "save of some fields": lambda article: article.save(update_fields=["title"]),
    "save_changed": lambda article: article.save_changed(),
    "bulk_update": lambda article: Article.objects.bulk_update([article], ["title"]),
    "two saves": lambda article: [article.save(), article.save()],
    "a save and a refresh": lambda article: [article.save(), article.refresh_from_db()],
    "a save and two refreshes": lambda article: [
        article.save(),
        article.refresh_from_db(),
        article.refresh_from_db(fields=["title"]),
    ],
}


@pytest.mark.parametrize("savepoint", [False, True], ids=["transaction", "savepoint"])
@pytest.mark.parametrize("write", WAYS_TO_WRITE.values(), ids=WAYS_TO_WRITE)
def test_a_change_that_was_rolled_back_is_a_change_again(article, write, savepoint):
    def act():
        article.title = "two"
        write(article)
        assert article.diff == {}

    undo(act, savepoint=savepoint)
    assert article.diff == {"title": ("one", "two")}
    assert article.save_changed() is True
    assert Article.objects.get().title == "two"
    assert article.diff == {}


def test_a_change_that_was_committed_stays_known(article):
    with transaction.atomic():
        change_title(article)
        with transaction.atomic():
            change_title(article, "three")
    assert article.diff == {}
    undo(lambda: change_title(article, "four"))
    assert article.diff == {"title": ("three", "four")}


def test_only_what_the_savepoint_undid_comes_back(article):
    with transaction.atomic():
        change_title(article, "two")
        article.pages = 2
        with pytest.raises(Undo), transaction.atomic():
            article.save()
            raise Undo
        assert article.diff == {"pages": (1, 2)}
        change_title(article, "three")
    assert article.diff == {}
    assert Article.objects.get().title == "three"


def test_a_released_savepoint_is_undone_with_what_is_around_it(article):
    def act():
        for title in ("two", "three"):
            with transaction.atomic():
                change_title(article, title)

    undo(act)
    assert article.diff == {"title": ("one", "three")}


def test_many_savepoints_do_not_pile_up(article):
    with transaction.atomic():
        for number in range(50):
            with transaction.atomic():
                change_title(article, str(number))
        steps = 0
        baseline = article._baseline
        while baseline.outcome is not None:
            steps, baseline = steps + 1, baseline.former
        assert steps == 2


def test_many_saves_do_not_pile_up(article):
    with transaction.atomic():
        for number in range(50):
            change_title(article, str(number))
        assert article._baseline.former.outcome is None


def test_savepoints_by_hand_are_noticed(article):
    with transaction.atomic():
        sid = connection.savepoint()
        change_title(article, "two")
        transaction.savepoint_rollback(sid)
        assert article.diff == {"title": ("one", "two")}
        change_title(article, "three")
        transaction.savepoint_commit(sid)
    assert article.diff == {}


def test_of_nested_savepoints_only_the_innermost_is_undone(article):
    with transaction.atomic():
        change_title(article, "two")
        with transaction.atomic():
            change_title(article, "three")
            with pytest.raises(Undo), transaction.atomic():
                change_title(article, "four")
                raise Undo
            assert article.diff == {"title": ("three", "four")}
    assert article.diff == {"title": ("three", "four")}


def test_a_savepoint_that_is_undone_again_is_noticed_again(article):
    with transaction.atomic():
        sid = connection.savepoint()
        for title in ("two", "three"):
            change_title(article, title)
            transaction.savepoint_rollback(sid)
            assert article.diff == {"title": ("one", title)}


def test_a_savepoint_outside_of_a_transaction_is_none(article):
    sid = connection.savepoint()
    change_title(article, "two")
    connection.savepoint_rollback(sid)
    assert article.diff == {}
    assert Article.objects.get().title == "two"


def test_a_transaction_without_atomic_is_noticed(article):
    transaction.set_autocommit(False)
    try:
        change_title(article, "two")
        transaction.rollback()
        assert article.diff == {"title": ("one", "two")}
        article.save()
        transaction.commit()
    finally:
        transaction.set_autocommit(True)
    assert article.diff == {}


def test_a_connection_that_is_lost_undoes_its_transaction(article):
    with pytest.raises(Exception), transaction.atomic():  # noqa: B017 - each driver has its own
        change_title(article)
        connection.close()
        Article.objects.count()
    assert article.diff == {"title": ("one", "two")}


def test_an_inner_block_that_marks_the_outer_one_is_noticed(article):
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        change_title(article)
        with pytest.raises(Undo), transaction.atomic(savepoint=False):
            raise Undo
        Article.objects.count()
    assert article.diff == {"title": ("one", "two")}


def test_a_change_in_place_is_still_seen_after_a_rollback(article):
    def act():
        article.title = "two"
        article.save()
        article.extra["b"] = 2

    undo(act)
    assert article.diff == {"title": ("one", "two"), "extra": ({"a": 1}, {"a": 1, "b": 2})}


def test_a_row_that_was_not_created_after_all_is_all_change():
    article = Article(title="one", extra={"a": 1})

    def act():
        article.save()
        assert article.was_created

    undo(act)
    assert not article.was_created
    assert article.get_field_diff("title") == (None, "one")
    assert article.save_changed() is True
    assert Article.objects.get().title == "one"
    assert article.was_created
    assert article.diff == {}


def test_a_child_by_multi_table_inheritance_comes_back_too():
    essay = Essay.objects.create(title="one", grade=1)

    def act():
        essay.title, essay.grade = "two", 2
        essay.save()

    undo(act)
    assert essay.diff == {"title": ("one", "two"), "grade": (1, 2)}


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_made_before_the_rollback_notices_it(article, duplicate):
    twins = []

    def act():
        change_title(article)
        twins.append(duplicate(article))

    undo(act)
    assert twins[0].diff == article.diff == {"title": ("one", "two")}


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_row_that_was_not_created_after_all_is_all_change(duplicate):
    article = Article(title="one")
    twins = []

    def act():
        article.save()
        twins.append(duplicate(article))

    undo(act)
    assert twins[0].get_field_diff("title") == (None, "one")


def test_a_pickle_takes_the_row_for_written(article):
    twins = []

    def act():
        change_title(article)
        twins.append(pickle.loads(pickle.dumps(article)))

    undo(act)
    assert twins[0].diff == {}


def test_stamps_that_were_rolled_back_are_not_taken_for_given():
    ann, bob = (get_user_model().objects.create(username=name) for name in ("ann", "bob"))
    with change_context(actor=ann):
        parcel = Parcel.objects.create(code="A")
    before = parcel.modified_at

    def act():
        parcel.weight = 2
        with change_context(actor=bob, source="api"):
            parcel.save()

    undo(act)
    with change_context(actor=ann):
        parcel.save()
    row = Parcel.objects.get()
    assert (row.modified_by, row.modified_via) == (ann, "system")
    assert row.modified_at > before
    assert row.created_by == ann


def test_stamps_of_a_creation_that_was_rolled_back_are_made_anew():
    ann, bob = (get_user_model().objects.create(username=name) for name in ("ann", "bob"))
    given = Parcel.objects.create(code="X").created_at
    parcel = Parcel(code="A", created_at=given)

    def act():
        with change_context(actor=bob, source="api"):
            parcel.save()

    undo(act)
    with change_context(actor=ann):
        parcel.save()
    row = Parcel.objects.get(code="A")
    assert (row.created_by, row.created_via, row.modified_by) == (ann, "system", ann)
    assert row.created_at == given


def test_the_diff_tells_of_no_stamp_that_was_rolled_back():
    sack = Sack.objects.create(name="one")

    def act():
        sack.name = "two"
        sack.save()

    undo(act)
    assert sack.diff == {"name": ("one", "two")}
    assert sack.modified_at == Sack.objects.get().modified_at


def test_a_stamp_that_somebody_gives_after_the_write_outlives_its_rollback():
    sack = Sack.objects.create(name="one")
    given = sack.modified_at.replace(year=2020)

    def act():
        sack.name = "two"
        sack.save()
        sack.modified_at = given

    undo(act)
    assert sack.modified_at == given


def test_columns_of_the_database_come_back():
    gauge = Gauge.objects.create(height=1)
    gauge.refresh_from_db()

    def act():
        gauge.height = 5
        gauge.save()
        gauge.refresh_from_db()
        assert gauge.double == 10

    undo(act)
    assert gauge.diff == {"height": (1, 5)}
    assert gauge.double == 2


def test_nobody_else_sees_a_callback_of_a_save(article):
    with TestCase.captureOnCommitCallbacks() as callbacks:
        change_title(article)
    assert callbacks == []


def test_transactions_of_other_models_cost_no_outcome(django_assert_num_queries):
    levels = connection.modernize_levels
    with transaction.atomic():
        models.QuerySet(Article).update(title="two")
        assert levels.outcomes == []


def test_nothing_is_kept_of_a_transaction_that_is_over(article):
    with transaction.atomic():
        change_title(article)
        with transaction.atomic():
            change_title(article, "three")
    levels = connection.modernize_levels
    assert (levels.outcomes, levels.savepoints) == ([], [])
    assert article.diff == {}
    assert article._baseline.outcome is None


def test_a_row_that_was_created_says_so_after_the_commit_until_it_is_saved_again():
    with transaction.atomic():
        created = Article.objects.create(title="one")
    assert created.was_created
    created.title = "two"
    assert created.diff == {"title": ("one", "two")}
    with transaction.atomic():
        created.save()
    assert not created.was_created
    assert created.diff == {}


def test_a_row_that_was_created_still_says_so_when_it_is_read_again():
    made = Article.objects.create(title="one")
    made.refresh_from_db()
    assert made.was_created
    with transaction.atomic():
        made = Article.objects.create(title="two")
        made.refresh_from_db()
        assert made.was_created
        assert copy.deepcopy(made).was_created
    assert made.was_created


def test_what_goes_with_a_write_is_undone_with_it_the_last_first():
    undone = []
    with pytest.raises(Undo), transaction.atomic():
        find_outcome("default").when_undone(lambda: undone.append("transaction"))
        with transaction.atomic():
            find_outcome("default").when_undone(lambda: undone.append("released savepoint"))
        with pytest.raises(Undo), transaction.atomic():
            find_outcome("default").when_undone(lambda: undone.append("savepoint"))
            raise Undo
        assert undone == ["savepoint"]
        raise Undo
    assert undone == ["savepoint", "released savepoint", "transaction"]
    with transaction.atomic():
        find_outcome("default").when_undone(lambda: undone.append("kept"))
    assert "kept" not in undone
