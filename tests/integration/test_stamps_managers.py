"""Managers and querysets compose, whatever the order of the mixins."""

import pickle

import pytest
from django.core.checks.registry import registry
from django.db import models
from django.test.utils import isolate_apps

from django_modernize.checks import check_managers, register_checks
from django_modernize.diff.querysets import BaselineQuerySet
from django_modernize.managers import (
    ComposableModel,
    ModernizeManager,
    compose_queryset,
    find_queryset_mixins,
)
from django_modernize.models import ModelDiffMixin, TimeStampedMixin
from django_modernize.softdelete import SoftDeleteMixin
from django_modernize.softdelete.querysets import SoftDeleteQuerySet
from django_modernize.stamps.querysets import StampedQuerySet
from tests.testapp.models import Letter, Parcel, Sack, Sealed, Van
from tests.testapp.models_stamps import LetterQuerySet

pytestmark = pytest.mark.django_db


def test_the_order_of_the_mixins_does_not_matter():
    assert find_queryset_mixins(Sack) == find_queryset_mixins(Sealed)
    assert set(find_queryset_mixins(Sack)) == {SoftDeleteQuerySet, StampedQuerySet}
    assert type(Sack._default_manager) is not models.Manager
    for name in ("objects", "all_objects", "deleted_objects"):
        for method in ("restore", "update", "alive"):
            assert hasattr(getattr(Sack, name), method)
            assert hasattr(getattr(Sealed, name), method)


def test_a_queryset_that_extends_another_stands_for_it():
    assert find_queryset_mixins(Letter) == (StampedQuerySet,)
    assert issubclass(StampedQuerySet, BaselineQuerySet)


def test_the_library_stands_on_top_of_the_projects_queryset():
    names = [base.__name__ for base in type(Sealed.objects.all()).__mro__]
    assert names.index("StampedQuerySet") < names.index("LetterQuerySet")
    assert names.index("SoftDeleteQuerySet") < names.index("LetterQuerySet")


def test_the_managers_own_queryset_is_not_repeated_where_a_mixin_brings_it():
    first = type(Sack.objects.all()).__mro__
    assert [base for base in first if base is SoftDeleteQuerySet] == [SoftDeleteQuerySet]
    assert compose_queryset(Sack, SoftDeleteQuerySet) is compose_queryset(Sack, models.QuerySet)


def test_a_queryset_that_inherits_from_a_mixin_keeps_it_where_it_is():
    class CarefulQuerySet(SoftDeleteQuerySet):
        pass

    composed = compose_queryset(Sealed, CarefulQuerySet)
    assert issubclass(composed, StampedQuerySet)
    assert composed.__mro__.count(SoftDeleteQuerySet) == 1


def test_a_model_without_mixins_keeps_its_queryset():
    assert find_queryset_mixins(Van) == ()
    assert compose_queryset(Van, LetterQuerySet) is LetterQuerySet


def test_the_projects_methods_are_on_the_manager_and_on_related_managers():
    van = Van.objects.create()
    van.letters.create(weight=20)
    Letter.objects.create(weight=30)
    assert Letter.objects.heavy().count() == 2
    assert van.letters.heavy().get().weight == 20
    assert isinstance(van.letters.all(), StampedQuerySet)
    assert isinstance(Van.objects.prefetch_related("letters").get().letters.all(), LetterQuerySet)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_querysets_can_be_pickled(protocol):
    Letter.objects.create(weight=20)
    rows = Letter.objects.heavy().order_by("pk")
    again = pickle.loads(pickle.dumps(rows, protocol))
    assert type(again) is type(rows)
    assert list(again) == list(rows)
    assert again.filter(weight=20).update(weight=21) == 1
    query = pickle.loads(pickle.dumps(rows.query, protocol))
    lazy = Letter.objects.all()
    lazy.query = query
    assert lazy.get().weight == 21


def test_querysets_combine_and_chain_as_djangos_do():
    Letter.objects.bulk_create([Letter(weight=weight) for weight in (1, 20, 30)])
    both = Letter.objects.filter(weight=1) | Letter.objects.heavy()
    assert both.count() == 3
    assert isinstance(both, LetterQuerySet)
    assert Letter.objects.using("default").none().union(Letter.objects.all()).count() == 3
    assert Letter.objects.db_manager("default").heavy().count() == 2


def test_a_mixin_of_the_projects_own_takes_part():
    class LoudQuerySet(models.QuerySet):
        composition_rank = 5

        def shout(self):
            return "!"

    with isolate_apps("tests.testapp"):

        class LoudMixin(ComposableModel):
            queryset_mixins = (LoudQuerySet,)

            class Meta:
                abstract = True

        class Loud(TimeStampedMixin, LoudMixin):
            class Meta:
                app_label = "testapp"

    assert find_queryset_mixins(Loud) == (LoudQuerySet, StampedQuerySet)
    assert Loud.objects.all().shout() == "!"


def found(*models_):
    """Check models that stand outside of the registry."""

    class Config:
        def get_models(self):
            return models_

    return check_managers([Config()])


def test_the_librarys_own_models_give_no_warning():
    assert found(Parcel, Letter, Sack, Sealed, Van) == []
    assert check_managers(None) == []


@isolate_apps("tests.testapp")
def test_w001_names_the_line_for_a_plain_queryset():
    class Plain(TimeStampedMixin):
        objects = LetterQuerySet.as_manager()

        class Meta:
            app_label = "testapp"

    (warning,) = found(Plain)
    assert warning.id == "modernize.W001"
    assert warning.obj is Plain
    assert "Plain.objects does without StampedQuerySet" in warning.msg
    assert warning.hint == "Write: objects = ModernizeManager.from_queryset(LetterQuerySet)()"


@isolate_apps("tests.testapp")
def test_w001_names_the_manager_that_the_mixins_declare():
    class Hidden(ModelDiffMixin, SoftDeleteMixin):
        objects = models.Manager.from_queryset(LetterQuerySet)()

        class Meta:
            app_label = "testapp"

    (warning,) = found(Hidden)
    assert "SoftDeleteQuerySet, BaselineQuerySet" in warning.msg
    assert warning.hint == "Write: objects = SoftDeleteManager.from_queryset(LetterQuerySet)()"


class ChattyManager(models.Manager):
    """A project's manager class."""


class SlyManager(ModernizeManager):
    """A manager that looks as if it composed."""

    def get_queryset(self):
        return LetterQuerySet(self.model)


@isolate_apps("tests.testapp")
def test_w001_tells_a_manager_class_what_to_inherit_from():
    class Talk(TimeStampedMixin):
        objects = ModernizeManager()
        chatty = ChattyManager()
        sly = SlyManager()

        class Meta:
            app_label = "testapp"

    chatty, sly = found(Talk)
    assert chatty.hint == "Write: class ChattyManager(ModernizeManager): ..."
    assert sly.hint == "In SlyManager.get_queryset(), start from: super().get_queryset()"


@isolate_apps("tests.testapp")
def test_w001_lets_a_queryset_pass_that_inherits_by_hand():
    class HandMadeQuerySet(StampedQuerySet):
        pass

    class HandMade(TimeStampedMixin):
        objects = HandMadeQuerySet.as_manager()

        class Meta:
            app_label = "testapp"

    assert found(HandMade) == []


def test_the_checks_are_registered_with_those_of_models():
    register_checks()
    assert check_managers in registry.get_checks()
    assert "models" in check_managers.tags
