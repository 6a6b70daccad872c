"""Rules about code beside the models: users, receivers, imports, updates."""

import pytest

from tests.habits import assert_found, assert_silent


def test_a_key_to_the_user_model_by_its_name_is_found(habits):
    code = """
        class House(models.Model):
            owner = models.ForeignKey(User, models.CASCADE)  # here
            cleaner = models.ForeignKey(to="auth.User", on_delete=models.CASCADE)  # here
            guests = models.ManyToManyField(User)  # here
        """
    assert_found(habits, "W402", code)


def test_a_key_to_the_user_model_by_the_setting_is_none(habits):
    assert_silent(
        habits,
        "W402",
        """
        class House(models.Model):
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
        """,
    )


def test_a_receiver_for_one_user_model_is_found(habits):
    habits.write_models("")
    habits.write(
        "signals",
        """
        from django.contrib.auth.models import User
        from django.db.models.signals import post_save

        def greet(**kwargs): ...

        def connect(): post_save.connect(greet, sender=User)
        """,
    )
    [finding] = habits.examine("signals")
    assert (finding.rule.id, finding.symptom.place.line) == ("W402", 7)


IMPORTER = """
    from .models import Task

    def import_row(row):
        Task.objects.create(title=row)
        Task(title=row)
        print(Task.objects.count())
    """


def test_tasks_that_an_import_makes_are_found(habits):
    habits.write_models("class Task(models.Model):\n    title = models.TextField()\n")
    habits.write("bookings", IMPORTER)
    found = [(one.rule.id, one.symptom.place.line) for one in habits.examine()]
    assert found == [("W411", 5), ("W411", 6)]


def test_tasks_that_people_make_are_none(habits):
    habits.write_models("class Task(models.Model):\n    title = models.TextField()\n")
    habits.write("bookings", IMPORTER.replace("import_row", "add_task"))
    assert habits.examine() == []


def test_an_update_that_leaves_a_stamp_behind_is_found(habits):
    habits.write_models(
        """
        class House(models.Model):
            name = models.TextField()
            modified = models.DateTimeField(auto_now=True)
        """
    )
    habits.write(
        "services",
        """
        from .models import House

        def rename(pk, now, values):
            House.objects.filter(pk=pk).update(name="new")
            House.objects.filter(pk=pk).update(name="new", modified=now)
            House.objects.update(**values)
            {}.update(name="new")
        """,
    )
    [finding] = habits.examine("services")
    assert (finding.rule.id, finding.symptom.place.line) == ("W412", 5)


@pytest.mark.parametrize(
    ("first", "second", "likeness"),
    [
        ("def one(**kwargs): print(1)", "def two(**kwargs): print(1)", "have the same code"),
        (
            "def one(**kwargs): Profile.objects.create()",
            "def two(**kwargs): Profile.objects.get_or_create()",
            "both create a",
        ),
    ],
)
def test_receivers_that_do_the_same_are_found(habits, first, second, likeness):
    habits.write_models("class Profile(models.Model): ...\nclass House(models.Model): ...\n")
    habits.write("signals", signals_with(first, second))
    [finding] = [one for one in habits.examine("signals") if one.rule.id == "W401"]
    assert likeness in finding.symptom.message
    assert finding.symptom.place.line == 4


def test_receivers_that_do_different_things_are_none(habits):
    habits.write_models("class Profile(models.Model): ...\nclass House(models.Model): ...\n")
    first, second = "def one(**kwargs): print(1)", "def two(**kwargs): print(2)"
    habits.write("signals", signals_with(first, second))
    assert habits.examine("signals") == []


def signals_with(first, second):
    return "\n".join(
        [
            "from django.db.models.signals import post_save",
            "from .models import House, Profile",
            first,
            second,
            "post_save.connect(one, sender=House)",
            "post_save.connect(two, sender=House)",
        ]
    )
