"""Rules about dates: their order, stays that overlap, and the index of a date."""

import pytest

from tests.habits import assert_found, assert_silent


def test_dates_without_an_order_are_found(habits):
    assert_found(
        habits,
        "W405",
        """
        class Stay(models.Model):
            check_in = models.DateField()  # here
            check_out = models.DateField()
            valid_from = models.DateTimeField()  # here
            valid_until = models.DateTimeField()
        """,
    )


@pytest.mark.parametrize(
    "constraint",
    [
        'Before("start", "end", name="order")',
        'models.CheckConstraint(condition=models.Q(end__gte=models.F("start")), name="order")',
        'models.CheckConstraint(condition=~models.Q(start__gt=models.F("end")), name="order")',
        "models.CheckConstraint(condition=models.Q("
        'end__gt=models.F("start") + datetime.timedelta(1)), name="order")',
    ],
)
def test_any_check_of_both_dates_is_an_order(habits, constraint):
    assert_silent(
        habits,
        "W405",
        f"""
        class Stay(models.Model):
            start = models.DateField()
            end = models.DateField()

            class Meta:
                constraints = [{constraint}]
        """,
    )


@pytest.mark.parametrize(
    "fields",
    [
        "opens = models.TimeField(); closes = models.TimeField()",
        "start = models.DateField(); end = models.DateTimeField()",
        "start = models.DateField(); finished = models.DateField()",
    ],
)
def test_dates_that_are_no_range_are_left_alone(habits, fields):
    assert_silent(
        habits,
        "W405",
        f"""
        class Stay(models.Model):
            {fields}
        """,
    )


STAY = """
    class House(models.Model): ...

    class Booking(models.Model):
        house = models.ForeignKey(House, models.PROTECT)
        arrival = models.DateField()  # here
        departure = models.DateField()
    """


def test_stays_that_can_overlap_are_found(habits):
    assert_found(habits, "W406", STAY)
    fix = next(one for one in habits.examine() if one.rule.id == "W406").symptom.fix
    assert 'NoOverlap("arrival", "departure", partition_by=["house"]' in fix


def test_stays_that_the_database_keeps_apart_are_none(habits):
    meta = """
        class Meta:
            constraints = [
                Before("arrival", "departure", name="order"),
                NoOverlap("arrival", "departure", partition_by=["house"], name="apart"),
            ]
    """
    assert_silent(habits, "W406", STAY.rstrip() + meta)


def test_a_date_that_every_list_is_sorted_by_needs_an_index(habits):
    assert_found(
        habits,
        "W407",
        """
        class Note(models.Model):
            written_on = models.DateField()  # here

            class Meta:
                ordering = ["-written_on"]
        """,
    )


@pytest.mark.parametrize(
    ("field", "meta"),
    [
        ("models.DateField(db_index=True)", ""),
        ("models.DateField()", 'indexes = [models.Index(fields=["-written_on"], name="written")]'),
        ("models.DateField()", 'unique_together = [("id", "written_on")]'),
        (
            "models.DateField()",
            'indexes = [models.Index(models.F("written_on").desc(), name="written")]',
        ),
    ],
)
def test_a_date_with_an_index_is_none(habits, field, meta):
    assert_silent(
        habits,
        "W407",
        f"""
        class Note(models.Model):
            written_on = {field}

            class Meta:
                ordering = [models.F("written_on").desc()]
                {meta}
        """,
    )


def test_dates_and_keys_that_the_admin_asks_for_get_one_index(habits):
    habits.write_models(
        """
        class House(models.Model): ...

        class Note(models.Model):
            house = models.ForeignKey(House, models.PROTECT)
            written_on = models.DateField()
        """
    )
    habits.write(
        "admin",
        """
        from django.contrib import admin
        from .models import Note

        class NoteAdmin(admin.ModelAdmin):
            list_filter = ["house", ("written_on", admin.DateFieldListFilter)]

        admin.site.register(Note, NoteAdmin)
        """,
    )
    [finding] = habits.examine("admin")
    assert finding.rule.id == "W407"
    assert 'models.Index(fields=["house", "written_on"], name="note_written_on")' in (
        finding.symptom.fix
    )
