"""What counts as the same value among living rows: letters of either case, and nothing."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.integrity import UniqueAlive, find_violated_constraint
from tests.lease import Project

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = [
    ("id", models.BigAutoField(primary_key=True)),
    ("house", models.IntegerField(null=True)),
    ("name", models.CharField(max_length=20, null=True)),
    ("deleted_at", models.DateTimeField(null=True)),
]
NOBODY_TWICE = UniqueAlive("house", "name", name="room_unique_name", nulls_distinct=False)
ANY_CASE = UniqueAlive("house", "name", name="room_unique_name", ignore_case="name")
BOTH = UniqueAlive(
    "house", "name", name="room_unique_name", ignore_case=["name"], nulls_distinct=False
)


@pytest.fixture
def project():
    project = Project()
    project.migrate(migrations.CreateModel("Room", FIELDS))
    yield project
    project.drop()


def constrain(project, constraint):
    project.migrate(migrations.AddConstraint("room", constraint))
    return project.model("Room")


def is_taken(model, constraint, **values):
    """Tell whether validation and the database refuse a row; they have to agree."""
    room = model(**values)
    try:
        constraint.validate(model, room)
    except ValidationError as error:
        assert error.messages == ["Room with this House and Name already exists."]
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            room.save()
        assert find_violated_constraint(model, caught.value) == constraint
        return True
    room.save()
    return False


def test_case_counts_unless_told(project):
    plain = UniqueAlive("house", "name", name="room_unique_name")
    model = constrain(project, plain)
    assert not is_taken(model, plain, house=1, name="Elm")
    assert not is_taken(model, plain, house=1, name="ELM")
    assert is_taken(model, plain, house=1, name="Elm")


@pytest.mark.parametrize("constraint", [ANY_CASE, BOTH], ids=repr)
def test_either_case_is_the_same_where_that_is_wanted(project, constraint):
    model = constrain(project, constraint)
    assert not is_taken(model, constraint, house=1, name="Elm")
    assert is_taken(model, constraint, house=1, name="ELM")
    assert not is_taken(model, constraint, house=2, name="ELM")


@pytest.mark.parametrize("constraint", [NOBODY_TWICE, BOTH], ids=repr)
@pytest.mark.parametrize(
    "values",
    [{"house": None, "name": None}, {"house": 1, "name": None}, {"house": None, "name": "Elm"}],
    ids=repr,
)
def test_nothing_may_stand_once_where_that_is_wanted(project, constraint, values):
    model = constrain(project, constraint)
    assert not is_taken(model, constraint, **values)
    assert is_taken(model, constraint, **values)
    # What is empty, or zero, is something.
    assert not is_taken(model, constraint, house=0, name="")
    assert not is_taken(model, constraint, house=values["house"], name="")
    model.objects.update(deleted_at="2026-05-01T00:00Z")
    assert not is_taken(model, constraint, **values)


def test_nothing_may_stand_any_number_of_times_by_default(project):
    model = constrain(project, ANY_CASE)
    assert not is_taken(model, ANY_CASE, house=1, name=None)
    assert not is_taken(model, ANY_CASE, house=1, name=None)


@pytest.mark.parametrize("constraint", [NOBODY_TWICE, ANY_CASE, BOTH], ids=repr)
def test_a_rebuild_and_a_renamed_column_change_nothing(project, constraint):
    constrain(project, constraint)
    project.migrate(
        migrations.AddField("room", "floor", models.IntegerField(default=1)),
        migrations.AlterField(
            "room", "name", models.CharField(max_length=30, null=True, db_column="title")
        ),
        migrations.AlterModelTable("room", "chambers"),
        migrations.AddField("room", "size", models.IntegerField(default=1)),
    )
    model = project.model("Room")
    assert not is_taken(model, constraint, house=1, name="Elm")
    assert is_taken(model, constraint, house=1, name="Elm")
    project.migrate(migrations.RemoveConstraint("room", constraint.name))
    project.model("Room").objects.create(house=1, name="Elm")


def test_another_choice_is_a_change_that_reaches_the_database(project):
    constrain(project, ANY_CASE)
    project.migrate(
        migrations.RemoveConstraint("room", ANY_CASE.name),
        migrations.AddConstraint("room", NOBODY_TWICE),
    )
    model = project.model("Room")
    assert not is_taken(model, NOBODY_TWICE, house=1, name="Elm")
    assert not is_taken(model, NOBODY_TWICE, house=1, name="ELM")


def test_the_condition_still_counts(project):
    constraint = UniqueAlive(
        "name", name="room_unique_name", condition=Q(house=1), nulls_distinct=False
    )
    model = constrain(project, constraint)
    for _ in range(2):
        model.objects.create(house=2, name=None)
    model.objects.create(house=1, name=None)
    with pytest.raises(IntegrityError):
        model.objects.create(house=1, name=None)


def test_checks_have_nothing_to_say_of_nulls_here(project):
    model = constrain(project, NOBODY_TWICE)
    ids = [message.id for message in model.check(databases=["default"])]
    knows = connection.features.supports_nulls_distinct_unique_constraints
    expected = [] if knows or connection.vendor == "sqlite" else ["modernize.E106"]
    assert [found for found in ids if not found.startswith("models.W042")] == expected


ROOMS = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 1]),
        st.sampled_from([None, "", "a", "A", "b"]),
        st.booleans(),
    ),
    max_size=12,
)


def tell_apart(constraint, house, name):
    """Return what two equal rows have in common, nothing where no row can equal this one."""
    if constraint.nulls_distinct is None and None in (house, name):
        return None
    return house, name.lower() if name and constraint.ignore_case else name


@pytest.mark.parametrize("constraint", [NOBODY_TWICE, ANY_CASE, BOTH], ids=repr)
def test_the_database_and_validation_agree_with_a_plain_reference(project, constraint):
    model = constrain(project, constraint)

    @settings(max_examples=25, deadline=None)
    @given(ROOMS)
    def assert_agreement(rooms):
        taken = set()
        with transaction.atomic():
            for house, name, is_deleted in rooms:
                value = tell_apart(constraint, house, name)
                values = {"house": house, "name": name}
                if is_deleted:
                    model.objects.create(**values, deleted_at="2026-05-01T00:00Z")
                    continue
                assert is_taken(model, constraint, **values) == (value in taken)
                taken |= {value} - {None}
            transaction.set_rollback(True)

    assert_agreement()
