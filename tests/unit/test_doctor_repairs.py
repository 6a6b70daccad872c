"""Repairs change what they name, and leave the rest of a file as it was."""

import pytest

from tests.habits import HEAD, Habits


@pytest.fixture
def habits(tmp_path):
    return Habits(tmp_path)


def repair(habits, code):
    """Return models after their repair, without the imports above them."""
    habits.write_models(code)
    after = habits.repair()["models.py"]
    compile(after, "models.py", "exec")
    return after


def test_the_setting_takes_the_place_of_the_user_model(habits):
    after = repair(
        habits,
        """
        class House(models.Model):
            owner = models.ForeignKey(  # who pays
                User,
                models.CASCADE,
            )
        """,
    )
    assert "models.ForeignKey(  # who pays\n        settings.AUTH_USER_MODEL,\n" in after
    assert after.startswith(HEAD)


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ('models.TimeField(default="09:00:00")', "default=datetime.time(9, 0)"),
        ('models.IntegerField(default="1")', "default=1"),
        ("models.BooleanField(default=0)", "default=False"),
        ("models.JSONField(default={})", "default=dict"),
        ("models.DateTimeField(default=datetime.datetime.now)", "default=timezone.now"),
    ],
)
def test_a_default_is_written_anew(habits, field, default):
    after = repair(habits, f"class Plan(models.Model):\n    value = {field}\n")
    assert default in after


def test_a_repair_brings_its_import_once(habits):
    after = repair(
        habits,
        """
        class Plan(models.Model):
            price = models.DecimalField(max_digits=4, decimal_places=2, default="0.50")
            cost = models.DecimalField(max_digits=4, decimal_places=2, default="1.50")
        """,
    )
    assert after.count("from decimal import Decimal\n") == 1
    assert 'default=Decimal("1.50")' in after


def test_a_default_that_cannot_be_read_is_left_to_people(habits):
    habits.write_models('class Plan(models.Model):\n    at = models.TimeField(default="noon")\n')
    [finding] = habits.examine()
    assert finding.symptom.repair is None


ORDER = 'Before("start", "end", name="plan_start_before_end")'


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("", f"\n    class Meta:\n        constraints = [{ORDER}]\n"),
        (
            "\n    class Meta:\n        ordering = ['pk']\n",
            f"        ordering = ['pk']\n        constraints = [{ORDER}]\n",
        ),
        (
            "\n    class Meta:\n        constraints = []\n",
            f"        constraints = [{ORDER}]\n",
        ),
        (
            "\n    class Meta:\n        constraints = [OTHER]\n",
            f"        constraints = [OTHER, {ORDER}]\n",
        ),
        (
            "\n    class Meta:\n        constraints = [\n            OTHER,  # first\n        ]\n",
            f"            OTHER,\n            {ORDER},  # first\n        ]\n",
        ),
    ],
)
def test_an_order_of_dates_is_added_to_what_is_there(habits, meta, expected):
    other = 'OTHER = models.CheckConstraint(condition=models.Q(pk__gt=0), name="other")\n'
    fields = "    start = models.DateField()\n    end = models.DateField()\n"
    after = repair(habits, f"{other}class Plan(models.Model):\n{fields}{meta}")
    assert expected in after


def test_a_class_with_methods_gets_its_meta_before_them(habits):
    after = repair(
        habits,
        """
        class Plan(models.Model):
            start = models.DateField()
            end = models.DateField()

            def __str__(self):
                return "plan"
        """,
    )
    assert after.index("class Meta") < after.index("def __str__")


def test_a_repaired_file_is_not_repaired_again(habits):
    after = repair(
        habits,
        """
        class Plan(models.Model):
            owner = models.ForeignKey(User, models.CASCADE)
            at = models.TimeField(default="09:00:00")
            start = models.DateField()
            end = models.DateField()
        """,
    )
    habits.write("models", after)
    assert habits.repair() == {}
