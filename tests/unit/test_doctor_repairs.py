"""Repairs change what they name, and leave the rest of a file as it was."""

import pytest

from tests.habits import HEAD


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


RANGE = "    start = models.DateField()\n    end = models.DateField()\n"
HEIR = "class Base(models.Model):\n    class Meta:\n        abstract = True\n        {}\n"
KEPT = '[models.UniqueConstraint(fields=["start"], name="kept")]'


@pytest.mark.parametrize(
    "code",
    [
        f"class Plan(models.Model):\n{RANGE}    class Meta:\n        constraints = (*{KEPT},)\n",
        f"KEPT = {KEPT}\nclass Plan(models.Model):\n{RANGE}"
        "    class Meta:\n        constraints = KEPT\n",
        f"class Plan(models.Model):\n{RANGE}    class Meta: verbose_name = 'plan'\n",
        HEIR.format('ordering = ["pk"]') + f"class Plan(Base):\n{RANGE}",
        HEIR.format(f"constraints = {KEPT}")
        + f"class Plan(Base):\n{RANGE}    class Meta(Base.Meta):\n        ordering = ['pk']\n",
    ],
    ids=["tuple", "name", "one line", "inherited options", "inherited constraints"],
)
def test_a_meta_loses_nothing_to_a_repair(habits, code):
    """What it has in another form, or from a base, would be written over."""
    path = habits.write_models(code)
    before = path.read_text()
    assert [one.symptom.repair for one in habits.examine() if one.rule.id == "W405"] == [None]
    assert path.read_text() == before
    assert habits.repair() == {}


def test_a_base_that_has_no_options_is_in_nobodys_way(habits):
    after = repair(habits, HEIR.format("") + f"class Plan(Base):\n{RANGE}")
    assert f"constraints = [{ORDER}]" in after


def test_two_ranges_of_a_model_get_one_meta(habits):
    code = f"class Plan(models.Model):\n{RANGE}"
    code += RANGE.replace("start", "start_sale").replace("end", "end_sale")
    after = repair(habits, code)
    assert after.count("class Meta") == 1
    habits.write("models", after)
    again = habits.repair()["models.py"]
    assert again.count("Before(") == 2
    assert again.count("constraints = ") == 1


def test_a_class_that_is_indented_by_tabs_can_be_read_after_its_repair(habits):
    after = repair(habits, f"class Plan(models.Model):\n{RANGE}".replace("    ", "\t"))
    assert f"\tclass Meta:\n\t    constraints = [{ORDER}]" in after


@pytest.mark.parametrize(
    ("above", "field"),
    [
        ("timezone = models.CharField(max_length=40)", "DateTimeField(default=datetime.now)"),
        ("settings = models.JSONField(default=dict)", "ForeignKey(User, models.CASCADE)"),
    ],
)
def test_a_field_does_not_take_the_name_that_a_repair_needs(habits, above, field):
    head = "from datetime import datetime\nfrom django.contrib.auth.models import User\n"
    head += "from django.db import models\n"
    code = f"class Guest(models.Model):\n    {above}\n    value = models.{field}\n"
    habits.write("models", code, head=head)
    [finding] = habits.examine()
    assert finding.symptom.repair is None


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("from datetime import timezone", "DateTimeField(default=datetime.datetime.now)"),
        ("from datetime import datetime", 'TimeField(default="09:00:00")'),
        ("settings = object()", "ForeignKey(User, models.CASCADE)"),
    ],
)
def test_a_name_that_a_file_has_for_something_else_is_left_alone(habits, line, field):
    habits.write_models(f"{line}\nclass Guest(models.Model):\n    value = models.{field}\n")
    [finding] = [one for one in habits.examine() if one.rule.id in ("W402", "E404", "W415")]
    assert finding.symptom.repair is None


def test_an_import_below_the_classes_comes_too_late_for_them(habits):
    after = repair(
        habits,
        """
        class Plan(models.Model):
            price = models.DecimalField(max_digits=4, decimal_places=2, default="0.50")

        from decimal import Decimal
        """,
    )
    assert after.index("from decimal import Decimal\n") < after.index("class Plan")


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
