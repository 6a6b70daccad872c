"""Rules about single columns: defaults, files, histories, text and money."""

import pytest

from tests.habits import assert_found, assert_silent, find, ids


def test_plain_files_are_found(habits):
    assert_found(
        habits,
        "W403",
        """
        class Photo(models.Model):
            image = models.ImageField()  # here
            plan = models.FileField()  # here
        """,
    )


def test_a_file_field_of_ones_own_may_check_what_it_likes(habits):
    assert_silent(
        habits,
        "W403",
        """
        class CheckedField(models.FileField): ...

        class Photo(models.Model):
            image = CheckedField()
        """,
    )


@pytest.mark.parametrize(
    "field",
    [
        'models.TimeField(default="09:00:00")',
        'models.DateField(default="2024-01-01")',
        "models.DateField(default=datetime.datetime(2024, 1, 1))",
        'models.DecimalField(max_digits=4, decimal_places=2, default="0.00")',
        "models.DecimalField(max_digits=4, decimal_places=2, default=0.5)",
        'models.IntegerField(default="1")',
        "models.IntegerField(default=True)",
        "models.BooleanField(default=0)",
        "models.CharField(max_length=9, default=1)",
        'models.DurationField(default="1")',
    ],
)
def test_a_default_of_another_type_is_found(habits, field):
    assert_found(
        habits,
        "E404",
        f"""
        class Plan(models.Model):
            value = {field}  # here
        """,
    )


@pytest.mark.parametrize(
    "field",
    [
        "models.TimeField(default=datetime.time(9))",
        "models.DecimalField(max_digits=4, decimal_places=2, default=0)",
        "models.FloatField(default=1)",
        "models.IntegerField(default=None, null=True)",
        "models.CharField(max_length=9, default=str)",
        "models.CharField(max_length=9, choices=Size.choices, default=Size.LARGE)",
    ],
)
def test_a_default_that_the_field_would_give_back_is_none(habits, field):
    assert_silent(
        habits,
        "E404",
        f"""
        class Size(models.TextChoices):
            LARGE = "l", "large"

        class Plan(models.Model):
            value = {field}
        """,
    )


def test_histories_in_a_column_are_found(habits):
    assert_found(
        habits,
        "W408",
        """
        class House(models.Model):
            history = models.TextField(default="[]")  # here
            audit_log = models.JSONField(default=list)  # here
            history_url = models.TextField()
            log = models.TextField()
        """,
    )


def test_a_default_that_instances_share_is_found(habits):
    assert_found(
        habits,
        "E414",
        """
        class House(models.Model):
            tags = models.JSONField(default={})  # here
            rooms = models.JSONField(default=list)
        """,
    )


def test_defaults_without_a_zone_are_found(habits):
    assert_found(
        habits,
        "W415",
        """
        from django.utils import timezone

        class House(models.Model):
            built = models.DateTimeField(default=datetime.datetime.now)  # here
            sold = models.DateTimeField(default=datetime.datetime(2024, 1, 1))  # here
            seen = models.DateField(default=datetime.date.today)  # here
            fine = models.DateTimeField(default=timezone.now)
            good = models.DateField(default=timezone.localdate)
        """,
    )


def test_a_project_without_zones_has_no_defaults_without_one(habits, settings):
    settings.USE_TZ = False
    assert_silent(
        habits,
        "W415",
        """
        class House(models.Model):
            built = models.DateTimeField(default=datetime.datetime.now)
        """,
    )


def test_text_that_can_be_null_is_found(habits):
    assert_found(
        habits,
        "W416",
        """
        class House(models.Model):
            name = models.CharField(max_length=9, null=True)  # here
            code = models.CharField(max_length=9, null=True, unique=True)
            number = models.IntegerField(null=True)
        """,
    )


def test_addresses_and_money_in_the_wrong_columns_are_found(habits):
    code = """
        class Visit(models.Model):
            ip_address = models.CharField(max_length=40)  # text
            price = models.FloatField()  # float
            ship_name = models.CharField(max_length=40)
            price_ratio = models.FloatField()
            total_hours = models.FloatField()
        """
    assert [one for one in ids(find(habits, code)) if one in ("W417", "W418")] == ["W417", "W418"]
