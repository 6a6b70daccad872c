"""Rules about deleting: what goes along, and what a deleted row goes on blocking."""

import pytest

from tests.habits import assert_found, assert_silent


def test_a_deletion_that_takes_others_along_is_found(habits):
    assert_found(
        habits,
        "W409",
        """
        class House(models.Model):  # here
            name = models.TextField()

        class Booking(models.Model):
            house = models.ForeignKey(House, models.CASCADE)
        """,
    )


@pytest.mark.parametrize(
    ("bases", "rule"),
    [
        ("SoftDeleteMixin, models.Model", "models.CASCADE"),
        ("models.Model", "models.PROTECT"),
        ("models.Model", "models.RESTRICT"),
    ],
)
def test_a_deletion_that_can_be_taken_back_or_is_refused_is_none(habits, bases, rule):
    assert_silent(
        habits,
        "W409",
        f"""
        class House({bases}):
            name = models.TextField()

        class Booking(models.Model):
            house = models.ForeignKey(House, {rule})
        """,
    )


@pytest.mark.parametrize("mark", ["is_deleted = models.BooleanField()", ""])
def test_a_value_that_deleted_rows_block_is_found(habits, mark):
    assert_found(
        habits,
        "W410",
        f"""
        class House(models.Model):
            name = models.CharField(max_length=9, unique=True)  # here
            {mark}

        class Booking(models.Model):
            house = models.ForeignKey(House, models.CASCADE)
        """,
    )


@pytest.mark.parametrize(
    "field",
    [
        "models.UUIDField(unique=True)",
        "models.CharField(max_length=9, unique=True, default=str)",
        "models.SlugField(unique=True, editable=False)",
    ],
)
def test_a_value_that_nobody_chooses_blocks_nobody(habits, field):
    assert_silent(
        habits,
        "W410",
        f"""
        class House(models.Model):
            code = {field}
            deleted_at = models.DateTimeField(null=True)
        """,
    )


def test_a_key_for_others_to_point_to_blocks_nobody(habits):
    assert_silent(
        habits,
        "W410",
        """
        class House(SoftDeleteMixin, models.Model):
            code = models.IntegerField()

            class Meta:
                constraints = [models.UniqueConstraint(fields=["id", "code"], name="pair")]
        """,
    )


def test_a_value_that_is_unique_among_the_living_is_none(habits):
    assert_silent(
        habits,
        "W410",
        """
        class House(SoftDeleteMixin, models.Model):
            name = models.CharField(max_length=9)

            class Meta:
                constraints = [UniqueAlive("name", name="alive_name")]
        """,
    )


def test_hidden_rows_that_a_cascade_destroys_are_found(habits):
    assert_found(
        habits,
        "W413",
        """
        class House(models.Model): ...

        class Booking(models.Model):
            house = models.ForeignKey(House, models.CASCADE)  # here
            deleted_at = models.DateTimeField(null=True)
        """,
    )
