"""Managers and querysets compose, whatever the order of the mixins."""

import pickle
from itertools import permutations

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
from django_modernize.models import (
    ModelDiffMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)
from django_modernize.softdelete import SoftDeleteMixin
from django_modernize.softdelete.managers import SoftDeleteManager
from django_modernize.softdelete.querysets import SoftDeleteQuerySet
from django_modernize.stamps.fields import TimeStampField
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


class OtherManager(models.Manager):
    """A manager of another package."""

    def get_queryset(self):
        return super().get_queryset().filter(name__gt="")


class OwnManager(SoftDeleteManager, OtherManager):
    pass


MISSING_USER = ("fields.E300", "fields.E307")


def describe_order(mixins):
    with isolate_apps("tests.testapp"):
        meta = type("Meta", (), {"app_label": "testapp"})
        body = {"name": models.CharField(max_length=9), "objects": OwnManager(), "Meta": meta}
        model = type("Ordered", mixins, {"__module__": __name__, **body})
        managers = (*model._meta.managers, model._base_manager, model._default_manager)
        return (
            {field.name for field in model._meta.fields},
            [(one.name, type(one.all()).__mro__[1:]) for one in managers],
            str(model.objects.filter(name="a").values("pk").query),
            # The user model is none of this registry's.
            [one.id for one in model.check() + found(model) if one.id not in MISSING_USER],
        )


def test_every_order_of_the_mixins_with_a_manager_of_another_package_gives_the_same_model():
    mixins = (
        ModelDiffMixin,
        SoftDeleteMixin,
        SourceStampedMixin,
        TimeStampedMixin,
        UserStampedMixin,
    )
    first, *others = [describe_order(order) for order in permutations(mixins)]
    assert len(others) == 119
    for other in others:
        assert other == first
    assert first[-1] == []


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
    assert "Plain.objects lacks StampedQuerySet" in warning.msg
    assert warning.hint == (
        "Write: objects = ModernizeManager.from_queryset(LetterQuerySet)() "
        "(from django_modernize.managers import ModernizeManager)"
    )


@isolate_apps("tests.testapp")
def test_w001_names_the_manager_that_the_mixins_declare():
    class Hidden(ModelDiffMixin, SoftDeleteMixin):
        objects = models.Manager.from_queryset(LetterQuerySet)()

        class Meta:
            app_label = "testapp"

    (warning,) = found(Hidden)
    assert "SoftDeleteQuerySet, BaselineQuerySet" in warning.msg
    assert warning.hint == (
        "Write: objects = SoftDeleteManager.from_queryset(LetterQuerySet)() "
        "(from django_modernize.softdelete.managers import SoftDeleteManager)"
    )


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
    assert chatty.hint == (
        f"Write: class ChattyManager(ModernizeManager, {__name__}.ChattyManager): ... "
        "(from django_modernize.managers import ModernizeManager)"
    )
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


@isolate_apps("tests.testapp")
def test_w001_asks_for_what_the_fields_need_too():
    class Fielded(models.Model):
        changed_at = TimeStampField(on_change=True)

        class Meta:
            app_label = "testapp"

    (warning,) = found(Fielded)
    assert warning.hint == (
        "Write: objects = ModernizeManager() "
        "(from django_modernize.managers import ModernizeManager)"
    )


# The manager that Django itself writes through.


def base_name(model):
    return model._base_manager.name


def test_the_base_manager_shows_every_row_and_stamps():
    assert base_name(Parcel) == "objects"
    assert base_name(Sealed) == base_name(Sack) == "all_objects"
    assert isinstance(Sealed._base_manager.all(), StampedQuerySet)
    sack = Sack.objects.create(name="a")
    sack.delete()
    sack.refresh_from_db()
    assert Sack._base_manager.get() == sack


def test_a_model_without_stamps_keeps_djangos_base_manager():
    assert base_name(Van) == "_base_manager"


@isolate_apps("tests.testapp")
def test_the_base_manager_does_not_depend_on_the_order_of_the_bases():
    class Plain(models.Model):
        class Meta:
            abstract = True

    class First(Plain, TimeStampedMixin):
        class Meta:
            app_label = "testapp"

    class Second(TimeStampedMixin, Plain):
        class Meta:
            app_label = "testapp"

    class Child(First):
        class Meta:
            app_label = "testapp"

    class Proxy(Second):
        class Meta:
            app_label = "testapp"
            proxy = True

    for model in (First, Second, Child, Proxy):
        assert isinstance(model._base_manager.all(), StampedQuerySet)


class HeavyManager(ModernizeManager):
    """A manager that narrows the rows down."""

    def get_queryset(self):
        return super().get_queryset().filter(weight__gt=10)


@isolate_apps("tests.testapp")
def test_w002_names_the_line_where_no_manager_shows_every_row():
    class Narrow(TimeStampedMixin):
        weight = models.IntegerField()
        objects = HeavyManager()

        class Meta:
            app_label = "testapp"

    assert base_name(Narrow) == "_base_manager"
    (warning,) = found(Narrow)
    assert warning.id == "modernize.W002"
    assert warning.obj is Narrow
    assert "add() of a related manager" in warning.msg
    assert warning.hint == (
        "Write: every_row = ModernizeManager(), below the default manager "
        "(from django_modernize.managers import ModernizeManager)"
    )


@isolate_apps("tests.testapp")
def test_w002_lets_a_model_pass_that_follows_it():
    class Wide(TimeStampedMixin):
        weight = models.IntegerField()
        objects = HeavyManager()
        every_row = ModernizeManager()

        class Meta:
            app_label = "testapp"

    assert (Wide._default_manager.name, base_name(Wide)) == ("objects", "every_row")
    assert found(Wide) == []


@isolate_apps("tests.testapp")
def test_a_base_manager_that_the_project_chose_stays_and_w002_says_what_it_costs():
    class Chosen(TimeStampedMixin):
        objects = ModernizeManager()
        plain = models.Manager()

        class Meta:
            app_label = "testapp"
            base_manager_name = "plain"

    assert base_name(Chosen) == "plain"
    assert 'Write: class Meta: base_manager_name = "objects"' in [one.hint for one in found(Chosen)]


@isolate_apps("tests.testapp")
def test_a_base_manager_that_another_package_chose_stays():
    class Theirs(models.Model):
        theirs = models.Manager()

        class Meta:
            abstract = True
            base_manager_name = "theirs"

    class Ours(TimeStampedMixin, Theirs):
        class Meta:
            app_label = "testapp"

    class Turned(Theirs, TimeStampedMixin):
        class Meta:
            app_label = "testapp"

    for model in (Ours, Turned):
        assert not isinstance(model._base_manager, ModernizeManager)
        assert found(model) != []


# Managers of other packages.


class KindQuerySet(models.QuerySet):
    """Another package's queryset, which carries something along."""

    kind = None

    def _clone(self):
        clone = super()._clone()
        clone.kind = self.kind
        return clone


class KindManager(models.Manager.from_queryset(KindQuerySet)):
    """Another package's manager, which filters and sets something."""

    def get_queryset(self):
        queryset = super().get_queryset().filter(weight__gt=10)
        queryset.kind = "heavy"
        return queryset


class FirstKindManager(ModernizeManager, KindManager):
    """The two, the library's first."""


class LastKindManager(KindManager, ModernizeManager):
    """The two, the library's last."""


@pytest.mark.parametrize("manager_class", [FirstKindManager, LastKindManager])
def test_another_packages_manager_joins_in_by_inheritance_in_either_order(manager_class):
    with isolate_apps("tests.testapp"):

        class Crossed(TimeStampedMixin):
            weight = models.IntegerField()
            objects = manager_class()

            class Meta:
                app_label = "testapp"

    queryset = Crossed.objects.all()
    assert isinstance(queryset, StampedQuerySet)
    assert isinstance(queryset, KindQuerySet)
    assert queryset.kind == "heavy"
    assert "WHERE" in str(queryset.query)
    assert base_name(Crossed) == "_base_manager"


def test_the_checks_are_registered_with_those_of_models():
    register_checks()
    assert check_managers in registry.get_checks()
    assert "models" in check_managers.tags
