"""The legacy system's rows go over to today, phase by phase, and come back as they were."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connections

from django_modernize.audit import AuditEvent
from django_modernize.audit.pausing import untracked
from django_modernize.autotasks.recurrence import parse_rule
from django_modernize.integrity import find_breaches
from django_modernize.migrate.history_lines import read_entries
from django_modernize.triggers.installer import compare_triggers

from .legacy_data import NINE_HISTORIES, NOON, fill_legacy
from .migration_walk import Walk, describe_tables, dump_rows, open_database

# The way there, back and there again is gone once, beside the database of the tests.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("modernising")]

MOVEMENTS = (
    ("stock_in", "6", "6"),
    ("stock_out", "-2", "4"),
    ("stock_out", "-1", "3"),
    ("damage", "-1.5", "1.5"),
    ("adjustment", "-0.5", "1"),
    ("adjustment", "1", "2"),
)


class Way:
    """All the way over, back to the start and over again, and what was seen on it."""

    def __init__(self, walk, using):
        self.using = using
        self.texts = read_texts(walk.state.apps, using)
        dumps = [dump_rows(using)]
        for _phase in walk.phases:
            walk.go_on()
            dumps.append(dump_rows(using))
        self.today = look_around(using)
        self.lost = {
            walk.go_back().name: compare(before, dump_rows(using)) for before in dumps[-2::-1]
        }
        for _phase in walk.phases:
            walk.go_on()
        self.again = {table: len(rows) for table, rows in dump_rows(using).items()}
        self.once = {table: len(rows) for table, rows in dumps[-1].items()}
        self.tables = describe_tables(using)
        self.unmanaged = sorted(compare_triggers(connections[using]).missing)


def compare(before, after):
    """Return what went and what came, by table."""
    return {
        table: {
            "gone": [row for row in rows if row not in after.get(table, [])],
            "new": [row for row in after.get(table, []) if row not in rows],
        }
        for table, rows in before.items()
        if rows != after.get(table)
    }


def make_todays_tables(using):
    """Make the tables of the models as they are, without any migration."""
    with connections[using].schema_editor() as editor:
        for label in ("contenttypes", "auth", "api"):
            for model in apps.get_app_config(label).get_models():
                if model._meta.managed and not model._meta.swapped:
                    editor.create_model(model)


def read_texts(apps, using):
    """Return the text histories of the legacy system, by model and key."""
    return {
        (f"api.{name.lower()}", str(row.pk)): row.history
        for name in NINE_HISTORIES
        for row in apps.get_model("api", name)._base_manager.using(using).all()
    }


def look_around(using):
    """Return today's rows as today's code reads them."""
    models = list(apps.get_app_config("api").get_models())
    rows = {
        model.__name__: {row.pk: row for row in model._base_manager.using(using).order_by("pk")}
        for model in models
    }
    breaches = {
        constraint.name: keys
        for model in models
        for constraint in model._meta.constraints
        if (keys := find_breaches(constraint, model, using))
    }
    events = list(AuditEvent.objects.using(using).filter(source="text_history"))
    return {**rows, "events": events, "breaches": breaches}


@pytest.fixture(scope="module")
def way(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), open_database(tmp_path_factory.mktemp("walk")) as using:
        walk = Walk(using)
        with untracked("The legacy system had no trail.", using=using):
            fill_legacy(walk.state.apps, using)
        return Way(walk, using)


@pytest.fixture
def today(way):
    return way.today


def find_one(rows, **values):
    """Return the one row that has some values."""
    (found,) = [
        row
        for row in rows.values()
        if all(getattr(row, name) == value for name, value in values.items())
    ]
    return found


def list_reasons(today, row):
    label = row._meta.label_lower
    return [
        record.reason
        for record in today["ModernisationRecord"].values()
        if (record.model, record.object_id) == (label, row.pk)
    ]


def test_each_phase_gives_back_every_row_as_it_was(way):
    lost = {name: tables for name, tables in way.lost.items() if tables}
    # Its columns are empty until the phase before it fills them from the trail.
    columns_alone = lost.pop("0006_history_columns")
    assert lost == {}
    for changed in columns_alone.values():
        gone, new = ([{**row, "history": ""} for row in rows] for rows in changed.values())
        assert gone == new


def test_whoever_goes_over_again_has_as_many_rows_of_everything(way):
    assert way.again == way.once


def test_no_row_breaks_a_rule_of_today(today):
    assert today["breaches"] == {}


def test_every_line_of_the_histories_is_an_event(way):
    told = Counter(
        (event.object_type, event.object_id, event.changes["history entry"][1])
        for event in way.today["events"]
        if "history entry" in event.changes
    )
    lines = Counter(
        (label, key, line)
        for (label, key), text in way.texts.items()
        for line in read_entries(text)
    )
    assert told == lines


def test_a_text_that_is_no_list_of_lines_is_kept_whole(way):
    told = {
        (event.object_type, event.object_id): event.changes["history text"][1]
        for event in way.today["events"]
        if "history text" in event.changes
    }
    whole = {key: text for key, text in way.texts.items() if json.dumps(read_entries(text)) != text}
    assert told == whole
    assert {"", "no JSON at all", '["cut off in the mid'} <= set(whole.values())


def test_everybody_has_one_profile(today):
    users = [profile.user_id for profile in today["Profile"].values()]
    assert sorted(users) == sorted(today["User"])


def test_a_user_with_two_profiles_keeps_the_least_of_the_roles(today):
    dee = find_one(today["User"], username="dee")
    profile = find_one(today["Profile"], user_id=dee.pk)
    assert (profile.role, profile.phone, profile.time_zone, profile.digest_opt_out) == (
        "staff",
        "+1 555 0101",
        "Europe/Berlin",
        True,
    )


def test_a_user_without_profile_or_with_an_unknown_role_is_a_viewer(today):
    for name in ("cyd", "eve"):
        user = find_one(today["User"], username=name)
        assert find_one(today["Profile"], user_id=user.pk).role == "viewer"


def test_houses_that_read_the_same_are_told_apart_and_listed(today):
    names = [house.name for house in today["Property"].values()]
    assert names[:3] == ["Owl Point", "owl point (2)", "Owl Point (3)"]
    reasons = list_reasons(today, find_one(today["Property"], name="owl point (2)"))
    assert reasons == ["Reads as 1 does: are they one? Then merge them by hand."]


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (20, "It began and ended at the same time. Look which ones are meant."),
        (30, "It ended before it began; the two times are exchanged. Look which ones are meant."),
    ],
)
def test_a_stay_that_cannot_be_is_cancelled_and_listed(today, days, reason):
    stay = find_one(today["Booking"], check_in=NOON + timedelta(days=10_000 + days))
    assert stay.status == "cancelled"
    assert reason in list_reasons(today, stay)


def test_the_later_of_two_stays_that_overlap_is_cancelled_and_listed(today):
    first, second, turnover = (
        find_one(today["Booking"], check_in=NOON + timedelta(days=10_000 + days))
        for days in (0, 3, 5)
    )
    assert [stay.status for stay in (first, second, turnover)] == [
        "booked",
        "cancelled",
        "confirmed",
    ]
    reason = f"It overlaps booking {first.pk}, which began first, in the same house."
    assert reason in list_reasons(today, second)


def test_codes_are_unique_and_words_that_are_none_are_gone(today):
    codes = [stay.external_code for stay in today["Booking"].values() if stay.source == "VRBO"]
    assert codes == ["HA1", "HA1 (2)", "HA1 (3)"]
    assert not {"Directly", "Owner staying"} & {
        stay.external_code for stay in today["Booking"].values()
    }


def test_the_word_of_an_unknown_status_is_kept(today):
    stay = find_one(today["Booking"], check_in=NOON + timedelta(days=10_060))
    assert (stay.status, stay.external_status, stay.nights, stay.adults) == (
        "booked",
        "???",
        None,
        1,
    )


def test_statuses_of_tasks_are_those_of_today(today):
    statuses = Counter(task.status for task in today["Task"].values())
    assert set(statuses) == {"pending", "in_progress", "completed", "cancelled"}


def test_a_task_is_in_the_house_of_its_booking(today):
    for task in today["Task"].values():
        if task.booking_id:
            assert task.property_id == today["Booking"][task.booking_id].property_id


def test_a_task_without_any_house_is_in_one_that_was_made_for_such(today):
    house = find_one(today["Property"], name="Without a house")
    assert find_one(today["Task"], title="Homeless").property_id == house.pk


def test_a_task_waits_for_others_and_never_for_itself(today):
    pairs = [(link.task_id, link.needed_id) for link in today["TaskDependency"].values()]
    assert sorted(pairs) == [(1, 2), (1, 3), (2, 3), (5, 6), (6, 7)]


def test_a_phase_that_mends_a_row_is_no_change_of_the_row_by_anybody(today):
    stay = find_one(today["Booking"], check_in=NOON + timedelta(days=10_060))
    assert (stay.created_via, stay.modified_via) == ("migration", "migration")


def test_photos_keep_their_paths_and_are_shown(today):
    photos = [(one.image.name, one.status) for one in today["TaskImage"].values()]
    assert photos == [
        ("tasks/1/kitchen.jpg", "approved"),
        ("tasks/2/IMG 0001 (2).JPG", "approved"),
        ("old photos/bath\u00e9.jpeg", "approved"),
    ]


def test_movements_of_stock_have_signs_and_what_they_left(today):
    moved = [
        (one.transaction_type, one.change, one.stock_after)
        for one in today["InventoryTransaction"].values()
    ]
    amounts = [(kind, Decimal(change), Decimal(left)) for kind, change, left in MOVEMENTS]
    assert moved == amounts


def test_schedules_follow_rules(today):
    rules = [schedule.rule for schedule in today["ScheduleTemplate"].values()]
    assert rules == [
        "FREQ=DAILY",
        "FREQ=WEEKLY;UNTIL=20250131",
        "FREQ=MONTHLY;INTERVAL=2",
        "FREQ=MONTHLY;INTERVAL=9;UNTIL=20250131",
        "FREQ=YEARLY;INTERVAL=4",
        "FREQ=DAILY;INTERVAL=5;UNTIL=20250131",
        "FREQ=WEEKLY;INTERVAL=6",
    ]
    for schedule in today["ScheduleTemplate"].values():
        assert parse_rule(schedule.rule, schedule.first_day)


def test_one_of_several_notices_about_a_matter_stays_unread(today):
    unread = [one.verb for one in today["Notification"].values() if one.read_at is None]
    assert sorted(unread) == ["assigned", "attention", "photo_added"]


def test_conflicts_that_were_text_are_rows(today):
    rows = [
        (one.log_id, one.row_number, one.outcome, one.guest_name, one.reason)
        for one in today["BookingImportRow"].values()
    ]
    assert rows[:4] == [
        (1, 3, "refused", "", "no date"),
        (1, 5, "refused", "", "no house"),
        (1, 7, "conflict", "Zoe", "overlap"),
        (1, 8, "conflict", "Yan", rows[3][4]),
    ]
    assert rows[4:] == [(3, 1, "conflict", "", "[{broken")]


def test_the_rule_of_the_import_is_a_template_with_the_tasks_that_it_made(today):
    (template,) = today["AutoTaskTemplate"].values()
    cleanings = [task for task in today["Task"].values() if task.made_by_id == template.pk]
    assert len(cleanings) == len(today["AutoTaskRecord"]) == len(today["Booking"])
    assert all(task.title.startswith("Pre-arrival Cleaning - ") for task in cleanings)


def test_what_a_person_has_set_in_a_cleaning_is_left_by_automation(today):
    for task in today["Task"].values():
        if task.made_by_id:
            assert ("assigned_to" in task.locked_fields) == (task.assigned_to_id is not None)


def test_the_triggers_of_today_are_in_place(way):
    assert way.unmanaged == []


def test_the_tables_are_those_of_todays_models(way, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), open_database(tmp_path, "models") as using:
        make_todays_tables(using)
        assert way.tables ^ describe_tables(using) == set()
