"""Rows that lead from one thing to another lead in no circle, however they are written."""

from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.integrity import ConstraintViolated, explain_refusals
from tests.testapp.models import Branch, Course, Prerequisite

pytestmark = pytest.mark.django_db

(CONSTRAINT,) = Prerequisite._meta.constraints


@pytest.fixture
def courses():
    return Course.objects.bulk_create(Course(name=name) for name in "ABCDEFGH")


@pytest.fixture
def chain(courses):
    """A after B after C."""
    a, b, c, *_ = courses
    return [lead(a, b), lead(b, c)]


def lead(course, needed, **values):
    return Prerequisite.objects.create(course=course, needed=needed, **values)


def insert_raw(course, needed):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO testapp_prerequisite (course_id, needed_id, deletion_reason) "
            "VALUES (%s, %s, '')",
            [course.pk, needed.pk],
        )


CLOSING_WRITES = {
    "create": lambda a, b, c: lead(c, a),
    "to itself": lambda a, b, c: lead(c, c),
    "bulk_create": lambda a, b, c: Prerequisite.objects.bulk_create(
        [Prerequisite(course=c, needed=a)]
    ),
    "two halves at once": lambda a, b, c: Prerequisite.objects.bulk_create(
        [Prerequisite(course=c, needed_id=d) for d in (Course.objects.get(name="D").pk,)]
        + [Prerequisite(course_id=Course.objects.get(name="D").pk, needed=a)]
    ),
    "update": lambda a, b, c: Prerequisite.objects.filter(course=b).update(needed=a),
    "bulk_update": lambda a, b, c: Prerequisite.objects.bulk_update(
        [change(Prerequisite.objects.get(course=b), needed=a)], ["needed"]
    ),
    "an upsert": lambda a, b, c: Prerequisite.objects.bulk_create(
        [Prerequisite(pk=Prerequisite.objects.get(course=b).pk, course=b, needed=a)],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["needed"],
    ),
    "raw SQL": lambda a, b, c: insert_raw(c, a),
}


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize("write", CLOSING_WRITES.values(), ids=CLOSING_WRITES)
def test_no_way_to_write_closes_a_circle(courses, chain, write):
    before = set(Prerequisite.objects.values_list("course", "needed"))
    with pytest.raises(IntegrityError, match="prerequisite_no_cycle"), transaction.atomic():
        write(*courses[:3])
    assert set(Prerequisite.objects.values_list("course", "needed")) == before


def test_what_leads_to_one_thing_on_several_ways_is_no_circle(courses, chain):
    a, b, c, d, *_ = courses
    lead(a, c)
    lead(a, d)
    lead(d, c)
    lead(b, c)
    assert Prerequisite.objects.count() == 6


@pytest.mark.parametrize(
    "values", [{"remark": "100% waived"}, {"deleted_at": timezone.now()}], ids=["waived", "deleted"]
)
def test_a_row_that_does_not_take_part_closes_nothing_until_it_does(courses, chain, values):
    a, _, c, *_ = courses
    row = Prerequisite(course=c, needed=a, **values)
    row.validate_constraints()
    row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Prerequisite.all_objects.filter(pk=row.pk).update(remark="", deleted_at=None)


def test_a_deletion_makes_room_and_a_restore_that_closes_a_circle_is_refused(courses, chain):
    a, b, c, *_ = courses
    chain[1].delete()
    lead(c, a)
    with pytest.raises(ValidationError, match="circle: B → C → A → B"):
        chain[1].restore()
    assert not Prerequisite.objects.filter(course=b).exists()


@pytest.mark.django_db(transaction=True)
def test_validation_names_the_way_in_two_queries_and_one_for_the_names(
    courses, chain, django_assert_num_queries
):
    a, _, c, d, *_ = courses
    with django_assert_num_queries(2):
        Prerequisite(course=d, needed=a).validate_constraints()
    with django_assert_num_queries(2), pytest.raises(ValidationError) as caught:
        Prerequisite(course=c, needed=a).validate_constraints()
    error = caught.value.error_dict["__all__"][0]
    assert error.code == "cycle"
    with django_assert_num_queries(1):
        messages = error.messages
    assert messages == ["This prerequisite would close a circle: C → A → B → C."]


def test_a_long_way_is_shown_without_its_middle(courses):
    for first, second in pairwise(courses):
        lead(first, second)
    with pytest.raises(ValidationError, match="H → A → B → … → F → G → H"):
        Prerequisite(course=courses[-1], needed=courses[0]).validate_constraints()


def see_no_b(row):
    return row.name != "B"


@override_settings(MODERNIZE={"CONFLICT_VISIBILITY": f"{__name__}.see_no_b"})
def test_what_somebody_may_not_see_is_not_named(courses, chain):
    a, _, c, *_ = courses
    with pytest.raises(ValidationError, match="C → A → another row → C"):
        Prerequisite(course=c, needed=a).validate_constraints()


def test_validation_leaves_out_what_it_is_asked_to_and_what_only_the_database_knows(courses, chain):
    a, _, c, *_ = courses
    Prerequisite(course=c, needed=a).validate_constraints(exclude={"needed"})
    Prerequisite(course=c, needed_id=models.F("course")).validate_constraints()
    Prerequisite(course=c).validate_constraints()


def test_a_row_may_be_saved_again_and_turned_round(courses, chain):
    row = chain[0]
    row.validate_constraints()
    row.save()
    row.course, row.needed = courses[3], courses[0]
    row.full_clean()
    row.save()


def test_a_refusal_of_many_rows_names_the_row_and_the_way(courses, chain):
    a, _, c, d, *_ = courses
    rows = [Prerequisite(course=d, needed=a), Prerequisite(course=c, needed=a)]
    with pytest.raises(ConstraintViolated) as caught, explain_refusals(Prerequisite, rows):
        Prerequisite.objects.bulk_create(rows)
    assert caught.value.constraint is CONSTRAINT
    assert caught.value.candidate is rows[1]
    assert caught.value.messages == ["This prerequisite would close a circle: C → A → B → C."]


def test_a_refusal_without_a_known_row_says_what_it_is(courses, chain):
    with pytest.raises(ConstraintViolated) as caught, explain_refusals(Prerequisite):
        insert_raw(courses[2], courses[0])
    assert caught.value.messages == ["This would close a circle."]


def test_a_tree_has_no_branch_that_is_its_own_ancestor():
    root = Branch.objects.create()
    leaf = Branch.objects.create(parent=Branch.objects.create(parent=root))
    root.parent = leaf
    with pytest.raises(ValidationError, match="close a circle"):
        root.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        root.save()
    leaf.parent = root
    leaf.full_clean()
    leaf.save()


steps = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=12
)


def has_way(edges, start, end):
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        for source, target in edges:
            if source == node and target not in seen:
                seen.add(target)
                waiting.append(target)
    return end in seen


@settings(max_examples=40, deadline=None)
@given(steps)
def test_database_validation_and_a_plain_reference_agree_on_any_graph(writes):
    names = Course.objects.bulk_create(Course(name=str(number)) for number in range(5))
    stored = {}
    with transaction.atomic():
        for start, end, number in writes:
            key = list(stored)[number] if number < len(stored) and number else None
            row = Prerequisite(pk=key, course=names[start], needed=names[end])
            row._state.adding = key is None
            others = [edge for other, edge in stored.items() if other != key]
            expected = not has_way(others, end, start)
            assert is_valid(row) == expected
            assert is_stored(row) == expected
            if expected:
                stored[row.pk] = (start, end)
        transaction.set_rollback(True)


def is_valid(row):
    try:
        row.validate_constraints()
    except ValidationError:
        return False
    return True


def is_stored(row):
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False
    return True
