"""Each rule finds its habit where it is, and stays silent where it is not."""

import pytest

from tests.habits import Habits, ids


@pytest.fixture
def habits(tmp_path):
    return Habits(tmp_path)


def find(habits, code):
    """Return the rules that models break, each with the line."""
    habits.write_models(code)
    return habits.examine()


def assert_found(habits, rule, code):
    """Expect one finding of a rule, in the line that ends in ``# here``."""
    findings = [one for one in find(habits, code) if one.rule.id == rule]
    lines = (habits.folder / "models.py").read_text().splitlines()
    expected = [number for number, line in enumerate(lines, 1) if line.endswith("# here")]
    assert [one.symptom.place.line for one in findings] == expected
    assert all(one.symptom.fix and one.rule.reason for one in findings)


def assert_silent(habits, rule, code):
    assert rule not in ids(find(habits, code))


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
