"""What the system check says of a constraint that cannot work, or that hides something."""

from types import SimpleNamespace

import pytest
from django.db import models
from django.db.models import F, Q
from django.test.utils import isolate_apps

from django_modernize.integrity import (
    Before,
    NoCycle,
    NoOverlap,
    ParentKey,
    SameParent,
    UniqueAlive,
)

ORDER = Before("start", "end", name="order")


def build_model(*constraints, abstract=False, **fields):
    """Return a model with a start, an end, and whatever a test adds."""
    columns = {
        "start": models.DateField(),
        "end": models.DateField(),
        "house": models.IntegerField(default=1),
        **fields,
    }
    options = {"app_label": "testapp", "constraints": list(constraints), "abstract": abstract}
    meta = type("Meta", (), options)
    return type("Booking", (models.Model,), {**columns, "Meta": meta, "__module__": __name__})


def find_ids(model):
    """Return the ids of what is found, after looking that each message says how to go on."""
    found = model.check(databases=["default"])
    for message in found:
        assert message.obj is model
        if message.id.startswith("modernize."):
            assert message.hint
    return [message.id for message in found]


@isolate_apps("tests.testapp")
@pytest.mark.parametrize("condition", [None, Q(house=1), Q(pk__gt=5)], ids=repr)
def test_a_sound_model_is_passed_in_silence(condition):
    apart = NoOverlap("start", "end", partition_by="house", condition=condition, name="apart")
    assert find_ids(build_model(ORDER, apart)) == []


@isolate_apps("tests.testapp")
@pytest.mark.parametrize(
    "apart",
    [
        NoOverlap("begin", "end", name="apart"),
        NoOverlap("start", "end", partition_by="hotel", name="apart"),
        NoOverlap("start", "end", condition=Q(state="x"), name="apart"),
        NoOverlap("start", "end", condition=Q(house__nonsense=1), name="apart"),
    ],
    ids=repr,
)
def test_e101_names_what_is_no_column(apart):
    assert find_ids(build_model(ORDER, apart)) == ["modernize.E101"]


@isolate_apps("tests.testapp")
def test_e101_names_a_condition_that_follows_a_relation():
    apart = NoOverlap("start", "end", condition=Q(person__is_staff=True), name="apart")
    person = models.ForeignKey("testapp.Person", models.CASCADE)
    model = build_model(ORDER, apart, person=person)
    found = [
        message
        for message in model.check(databases=["default"])
        if message.id.startswith("modernize.")
    ]
    assert [message.id for message in found] == ["modernize.E101"]


@isolate_apps("tests.testapp")
def test_e101_names_a_column_of_the_parents_table():
    parent = build_model(ORDER)
    meta = type(
        "Meta",
        (),
        {
            "app_label": "testapp",
            "constraints": [NoOverlap("start", "end", name="apart")],
        },
    )
    child = type("Child", (parent,), {"Meta": meta, "__module__": __name__})
    assert set(find_ids(child)) == {"modernize.E101"}


@isolate_apps("tests.testapp")
def test_e102_names_a_range_between_two_types():
    apart = NoOverlap("start", "end", name="apart")
    model = build_model(ORDER, apart, end=models.DateTimeField())
    assert find_ids(model) == ["modernize.E102", "modernize.E102"]


@isolate_apps("tests.testapp")
def test_e102_names_a_type_that_no_range_is_made_of():
    model = build_model(
        ORDER,
        NoOverlap("start", "end", name="apart"),
        start=models.TimeField(),
        end=models.TimeField(),
    )
    assert find_ids(model) == ["modernize.E102"]


@isolate_apps("tests.testapp")
@pytest.mark.parametrize("field", [models.DecimalField(max_digits=5, decimal_places=2)], ids=repr)
def test_before_compares_whatever_has_an_order(field):
    assert find_ids(build_model(ORDER, start=field, end=field.clone())) == []


@isolate_apps("tests.testapp")
def test_a_before_with_an_unknown_field_is_left_to_django():
    assert find_ids(build_model(Before("start", "finish", name="order"))) == ["models.E012"]


@isolate_apps("tests.testapp")
def test_e103_names_a_model_without_soft_delete():
    found = find_ids(build_model(UniqueAlive("house", name="unique")))
    assert "modernize.E103" in found


@isolate_apps("tests.testapp")
def test_e104_names_a_database_that_cannot_keep_it():
    apart = NoOverlap("start", "end", name="apart")
    stranger = SimpleNamespace(vendor="oracle", display_name="Oracle")
    (found,) = apart.find_problems(build_model(ORDER, apart), stranger)
    assert found.id == "modernize.E104"
    assert "Oracle" in found.msg


@isolate_apps("tests.testapp")
@pytest.mark.database_lacks("postgresql", reason="computes everything itself")
@pytest.mark.parametrize("condition", [Q(start__month=1), Q(note__regex="^a")], ids=repr)
def test_e105_names_a_condition_that_only_django_can_compute(condition):
    apart = NoOverlap("start", "end", condition=condition, name="apart")
    model = build_model(ORDER, apart, note=models.CharField(max_length=9))
    assert find_ids(model) == ["modernize.E105"]


@isolate_apps("tests.testapp")
def test_w101_asks_for_an_order_and_gives_the_line():
    model = build_model(NoOverlap("start", "end", name="apart"))
    (found,) = model.check(databases=["default"])
    assert found.id == "modernize.W101"
    assert 'Before("start", "end", name="booking_start_before_end")' in found.hint


@isolate_apps("tests.testapp")
def test_w101_is_content_with_a_check_constraint_that_says_the_same():
    order = models.CheckConstraint(condition=Q(start__lte=F("end")), name="order")
    assert find_ids(build_model(order, NoOverlap("start", "end", name="apart"))) == []


@isolate_apps("tests.testapp")
def test_w102_names_every_field_without_which_a_row_blocks_nothing():
    apart = NoOverlap("start", "end", partition_by="house", name="apart")
    model = build_model(
        ORDER, apart, end=models.DateField(null=True), house=models.IntegerField(null=True)
    )
    assert find_ids(model) == ["modernize.W102", "modernize.W102"]


@isolate_apps("tests.testapp")
def test_w102_is_silent_where_the_condition_says_so():
    apart = NoOverlap("start", "end", condition=Q(Q(end__isnull=False)), name="apart")
    assert find_ids(build_model(ORDER, apart, end=models.DateField(null=True))) == []


@isolate_apps("tests.testapp")
def test_an_abstract_model_gives_each_child_a_constraint_with_a_name_of_its_own():
    apart = NoOverlap("start", "end", name="%(class)s_no_overlap")
    parent = type("Period", (build_model(ORDER, apart, abstract=True),), {"__module__": __name__})
    assert find_ids(parent) == []
    assert [constraint.name for constraint in parent._meta.constraints] == [
        "order",
        "period_no_overlap",
    ]


def build_pair(constraint, *keys, **fields):
    """Return a parent and a child that is held to it."""
    parent = build_model(*keys)
    columns = {
        "booking": models.ForeignKey(parent, on_delete=models.CASCADE),
        "house": models.IntegerField(),
        **fields,
    }
    meta = type("Meta", (), {"app_label": "testapp", "constraints": [constraint]})
    child = type("Task", (models.Model,), {**columns, "Meta": meta, "__module__": __name__})
    return parent, child


@isolate_apps("tests.testapp")
@pytest.mark.parametrize(
    "key",
    [
        ParentKey("house", name="key"),
        models.UniqueConstraint(fields=["house", "id"], name="key"),
        [("id", "house")],
    ],
    ids=repr,
)
def test_a_parent_with_a_key_over_both_columns_passes(key):
    is_together = isinstance(key, list)
    parent, child = build_pair(
        SameParent("booking", "house", name="same"), *(() if is_together else (key,))
    )
    parent._meta.unique_together = key if is_together else ()
    assert find_ids(child) == []


@isolate_apps("tests.testapp")
@pytest.mark.parametrize(
    "keys",
    [
        (),
        (models.UniqueConstraint(fields=["id", "house", "start"], name="key"),),
        (models.UniqueConstraint(fields=["id", "house"], condition=Q(house=1), name="key"),),
    ],
    ids=repr,
)
def test_a_parent_without_a_key_over_both_columns_is_an_error(keys):
    _, child = build_pair(SameParent("booking", "house", name="same"), *keys)
    (message,) = child.check(databases=["default"])
    assert message.id == "modernize.E108"
    assert 'ParentKey("house", name="booking_key_with_house")' in message.hint


@isolate_apps("tests.testapp")
@pytest.mark.parametrize(
    ("constraint", "text"),
    [
        (SameParent("house", "house", name="same"), "'house', which is no foreign key of Task"),
        (SameParent("booking", "floor", name="same"), "'floor', which is no column of Task"),
        (
            SameParent("booking", "house", parent_field="home", name="same"),
            "'home', which is no column of Booking",
        ),
    ],
    ids=repr,
)
def test_a_bond_of_fields_that_are_not_there_is_an_error(constraint, text):
    _, child = build_pair(constraint)
    (message,) = child.check(databases=["default"])
    assert (message.id, text in message.msg) == ("modernize.E107", True)


def lead_to():
    return models.ForeignKey("self", models.CASCADE, null=True, related_name="+")


@isolate_apps("tests.testapp")
@pytest.mark.parametrize(
    ("constraint", "ids"),
    [
        (NoCycle("first", "second", name="graph"), []),
        (NoCycle("pk", "above", name="tree"), []),
        (NoCycle("first", "third", name="graph"), ["modernize.E101"]),
        (
            NoCycle("first", "second", condition=Q(second__house=1), name="graph"),
            ["modernize.E101"],
        ),
        (NoCycle("first", "start", name="graph"), ["modernize.E102"]),
        (NoCycle("house", "story", name="graph"), ["modernize.W103"]),
    ],
    ids=["graph", "tree", "unknown", "relation", "types", "index"],
)
def test_a_no_cycle_that_cannot_work_or_costs_much_is_named(constraint, ids):
    model = build_model(
        constraint,
        first=lead_to(),
        second=lead_to(),
        above=lead_to(),
        story=models.IntegerField(),
    )
    assert [one for one in find_ids(model) if one.startswith("modernize.")] == ids


@isolate_apps("tests.testapp")
def test_a_no_cycle_that_leads_to_a_model_that_is_not_there_is_left_to_django():
    model = build_model(
        NoCycle("first", "second", name="graph"),
        first=models.ForeignKey("testapp.Nothing", models.CASCADE, related_name="+"),
        second=lead_to(),
    )
    found = model.check(databases=["default"])
    assert {message.id for message in found} == {"fields.E300"}


@isolate_apps("tests.testapp")
def test_e106_names_a_database_to_which_each_null_is_another():
    unique = UniqueAlive("house", name="unique", nulls_distinct=False)
    old = SimpleNamespace(
        vendor="postgresql",
        display_name="PostgreSQL",
        features=SimpleNamespace(supports_nulls_distinct_unique_constraints=False),
    )
    found = unique.find_problems(build_model(unique), old)
    assert "modernize.E106" in [message.id for message in found]


@isolate_apps("tests.testapp")
def test_an_index_that_begins_with_the_source_is_enough_for_a_no_cycle():
    model = build_model(NoCycle("house", "story", name="graph"), story=models.IntegerField())
    model._meta.indexes = [models.Index(fields=["house", "start"], name="by_house")]
    assert find_ids(model) == []


@isolate_apps("tests.testapp")
def test_e104_names_a_database_that_cannot_keep_a_no_cycle():
    model = build_model(first=lead_to(), second=lead_to())
    other = SimpleNamespace(vendor="oracle", display_name="Oracle")
    (found,) = NoCycle("first", "second", name="graph").find_problems(model, other)
    assert found.id == "modernize.E104"
