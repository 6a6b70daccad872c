"""An import is planned, decided by people, and applied exactly as it was shown."""

import gc
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone, translation

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportPlan,
    BookingImportTemplate,
    Property,
    Task,
)
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.import_plan import (
    PlanChanged,
    apply_plan,
    applying,
    approve_label,
    approve_labels,
    create_plan,
    decide_row,
    discard_plan,
    list_stalled,
    planning,
    undo_import,
    working,
)
from api.services.task_template.defaults import provide_templates
from django_modernize.audit import AuditEvent
from django_modernize.uploads import UploadRejected

from .factories import book, outcomes, row, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]


def upload_text(actor, text, **options):
    return create_plan(ContentFile(text.encode(), name="bookings.csv"), actor=actor, **options)


def test_a_plan_says_what_would_happen_and_writes_no_booking(owl, administrator):
    plan = upload(administrator, row(), row(code="HM2", property_label="Nowhere"))
    assert plan.status == "planned"
    assert outcomes(plan) == [(2, "created"), (3, "refused")]
    assert not Booking.objects.exists()
    assert [label.label for label in plan.labels.all()] == ["Nowhere"]


def test_a_plan_is_applied_as_it_was_shown(owl, administrator):
    plan = apply_plan(upload(administrator, row()), actor=administrator)
    booking = Booking.objects.get()
    assert plan.status == "applied"
    assert (booking.external_code, booking.import_log) == ("HM0001", plan.log)
    assert booking.raw_row["start_date"] == "2026-12-18"
    assert plan.rows.get().booking == booking
    event = AuditEvent.objects.for_object(booking).get()
    assert (event.request_id, event.actor_id) == (plan.request_id, administrator.pk)


def test_the_log_of_an_applied_plan_counts_its_rows(owl, administrator):
    data = [row(), row(code="HM2", property_label="Nowhere"), row(code="HM3")]
    log = apply_plan(upload(administrator, *data), actor=administrator).log
    assert (log.row_count, log.created_count, log.refused_count, log.conflict_count) == (3, 1, 1, 1)
    assert [one.row_number for one in log.rows.all()] == [3, 4]


def test_only_who_may_import_makes_and_applies_plans(owl, make_staff, administrator):
    staff = make_staff()
    with pytest.raises(PermissionDenied):
        upload(staff, row())
    plan = upload(administrator, row())
    with pytest.raises(PermissionDenied):
        apply_plan(plan, actor=staff)
    with pytest.raises(PermissionDenied):
        decide_row(plan.rows.get(), "skip", actor=staff)


@pytest.mark.parametrize(("name", "megabytes"), [("a.xlsx", 10), ("a.csv", 30), ("a.ics", 5)])
def test_a_file_of_an_import_is_as_large_as_its_kind_may_be(administrator, name, megabytes):
    for excess, is_too_large in ((0, False), (1, True)):
        # Of the right size and nothing else: it is refused for what it is, or before that.
        file = ContentFile(b"\0" * (megabytes * 1024 * 1024 + excess), name=name)
        with pytest.raises(ValidationError) as refused:
            create_plan(file, actor=administrator)
        assert ("too_large" in find_codes(refused.value)) is is_too_large
    assert not BookingImportPlan.objects.exists()


def find_codes(error):
    """Return the codes of an error, whichever fields it names."""
    named = vars(error).get("error_dict") or {"": error.error_list}
    return {one.code for errors in named.values() for one in errors}


def test_what_changed_since_is_said_and_nothing_is_written(owl, administrator):
    plan = upload(
        administrator,
        row(),
        row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 5)),
    )
    book(administrator, row(code="HM9", guest_name="Zeno"))
    with pytest.raises(PlanChanged) as raised:
        apply_plan(plan, actor=administrator)
    assert raised.value.count == 1
    assert list(plan.rows.values_list("outcome", "changed_since")) == [
        ("conflict", True),
        ("created", False),
    ]
    assert Booking.objects.count() == 1
    apply_plan(plan, actor=administrator)
    assert Booking.objects.count() == 2


def test_all_or_nothing_writes_nothing_where_a_row_is_unresolved(owl, administrator):
    plan = upload(administrator, row(), row(code="HM2", property_label="Nowhere"))
    with pytest.raises(ValidationError) as raised:
        apply_plan(plan, actor=administrator, is_all_or_nothing=True)
    assert raised.value.code == "unresolved"
    assert not Booking.objects.exists()
    approve_label(plan.labels.get(), actor=administrator)
    assert apply_plan(plan, actor=administrator, is_all_or_nothing=True).status == "applied"


def test_a_plan_is_applied_once(owl, administrator):
    plan = apply_plan(upload(administrator, row()), actor=administrator)
    with pytest.raises(ValidationError) as raised:
        apply_plan(plan, actor=administrator)
    assert raised.value.code == "plan_status"
    assert BookingImportLog.objects.count() == 1


def test_a_discarded_plan_keeps_neither_rows_nor_file(owl, administrator):
    plan = discard_plan(upload(administrator, row()), actor=administrator)
    assert (plan.status, bool(plan.file), plan.rows.count()) == ("discarded", False, 0)


def test_a_workbook_is_refused_by_its_content(owl, administrator):
    with pytest.raises(UploadRejected):
        create_plan(ContentFile(b"no workbook", name="bookings.xlsx"), actor=administrator)
    assert not BookingImportPlan.objects.exists()


def test_a_file_without_the_columns_fails_and_says_why(owl, administrator):
    plan = upload_text(administrator, "a,b\n1,2\n")
    assert (plan.status, plan.error_code) == ("failed", "missing_column")


def test_a_worker_gives_its_reasons_in_the_language_of_who_reads_them(owl, administrator):
    administrator.profile.language = "de"
    administrator.profile.save()
    refused = upload(administrator, row(property_label="Owl Points")).rows.get()
    failed = upload_text(administrator, "a,b\n1,2\n")
    with translation.override("de"):
        assert refused.reason == (
            "Zeile 2, Spalte O (Properties): es gibt kein Haus und keinen anderen Namen"
            " „Owl Points“; vielleicht ist „Owl Point“ gemeint."
        )
        assert str(failed.error).startswith(
            "Das Blatt „CSV“ hat keine Spalten „Confirmation code“, "
        )
    assert str(failed.error).startswith("The sheet “CSV” has no columns “Confirmation code”, ")


CSV = (
    "Confirmation code;Status;Guest name;Start date;End date;Properties\n"
    "HM0001;Confirmed;Ada Fenwick;18.12.2026;21.12.2026;Owl Point\n"
)


def test_a_csv_file_is_imported_as_its_template_says(owl, administrator):
    template = BookingImportTemplate.objects.create(name="German", date_format="day_first")
    plan = upload_text(administrator, CSV, template=template)
    assert outcomes(plan) == [(2, "created")]
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get().check_in.date() == date(2026, 12, 18)


def test_a_remembered_mapping_finds_columns_under_other_headers_and_a_fixed_house(
    owl, administrator
):
    template = BookingImportTemplate.objects.create(
        name="Channel",
        property=owl,
        column_mapping={"guest_name": "Visitor", "start_date": "From", "end_date": "To"},
    )
    text = "To,From,Visitor,Status,Confirmation code\n2026-12-21,2026-12-18,Ada,,HM1\n"
    plan = upload_text(administrator, text, template=template)
    apply_plan(plan, actor=administrator)
    assert (Booking.objects.get().guest_name, Booking.objects.get().property) == ("Ada", owl)


def test_rows_match_by_dates_alone_where_the_template_says_so(owl, administrator):
    book(administrator, row())
    template = BookingImportTemplate.objects.create(name="Loose", matches_dates=True)
    plan = upload(administrator, row(code="", guest_name="A. Fenwick"), template=template)
    found = plan.rows.get()
    assert (found.outcome, found.match) == ("conflict", "dates")
    decide_row(found, "take_file", fields=["guest_name"], actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get().guest_name == "A. Fenwick"


@pytest.fixture
def rules(db):
    provide_templates()


def note_statements(found):
    def execute(act, sql, *rest):
        found.append(sql)
        return act(sql, *rest)

    return execute


def count_statements(administrator, count):
    """Return what it takes to import bookings of new houses, from the file to the log."""
    data = write_workbook(make_bookings(count=count, seed=count, start=date(2026, 12, 1)))
    planned, applied = [], []
    with connection.execute_wrapper(note_statements(planned)):
        plan = create_plan(ContentFile(data, name="bookings.xlsx"), actor=administrator)
    approve_labels(plan, plan.labels.all(), actor=administrator)
    with connection.execute_wrapper(note_statements(applied)):
        apply_plan(plan, actor=administrator)
    assert Booking.objects.count() == count
    undo_import(BookingImportLog.objects.get(plan=plan), actor=administrator)
    return len(planned), len(applied)


@pytest.mark.django_db(transaction=True)
def test_new_bookings_are_planned_and_applied_in_sixty_statements_however_many(
    rules, administrator
):
    few, many = count_statements(administrator, 30), count_statements(administrator, 1_000)
    assert few == many
    assert sum(many) <= 60
    assert Task.all_objects.count() >= 1_030


def test_a_plan_that_nothing_overtook_is_not_compared_again(owl, administrator, monkeypatch):
    plan = upload(administrator, row())
    compared = []
    monkeypatch.setattr(
        "api.services.import_plan.applying.refresh_plan", lambda plan: compared.append(plan) or 0
    )
    Task.objects.create(title="Paint the door", property=owl)
    apply_plan(plan, actor=administrator)
    assert compared == []
    days = {"start_date": date(2027, 1, 1), "end_date": date(2027, 1, 3)}
    other = upload(administrator, row(code="HM2", **days))
    Booking.objects.update(guest_contact="+1 555 0100")
    apply_plan(other, actor=administrator)
    assert compared == [other]


def test_a_template_may_keep_the_rules_for_tasks_out_of_an_import(owl, administrator):
    quiet = BookingImportTemplate.objects.create(name="Archive", makes_tasks=False)
    apply_plan(upload(administrator, row(), template=quiet), actor=administrator)
    assert not Task.objects.exists()
    other = row(code="HM2", start_date=date(2027, 1, 5), end_date=date(2027, 1, 8))
    log = apply_plan(upload(administrator, other), actor=administrator).log
    assert log.task_count == Task.objects.count() == 1


def test_a_row_that_turns_out_different_while_others_are_written_is_left_and_counted(
    owl, administrator, monkeypatch
):
    plan = upload(
        administrator,
        row(),
        row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 5)),
    )

    def book_first(stored):
        Booking.objects.create(
            property=owl,
            guest_name="Zeno",
            check_in=owl.check_in_at(date(2026, 12, 18)),
            check_out=owl.check_out_at(date(2026, 12, 20)),
        )

    monkeypatch.setattr(applying, "_lock_bookings", book_first)
    log = apply_plan(plan, actor=administrator).log
    assert (log.created_count, log.conflict_count) == (1, 1)
    left = plan.rows.get(changed_since=True)
    assert (left.row_number, left.is_applied) == (2, False)


def test_all_or_nothing_is_rolled_back_where_a_row_turns_out_different(
    owl, administrator, monkeypatch
):
    from api.services.import_plan.stored_rows import StoredRow

    rows = [row(), row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 5))]
    plan = upload(administrator, *rows)
    monkeypatch.setattr(StoredRow, "is_same", lambda stored, decision: False)
    plan = apply_plan(plan, actor=administrator, is_all_or_nothing=True)
    assert plan.status == "planned"
    assert not Booking.objects.exists()
    assert not BookingImportLog.objects.exists()


LATER = {"start_date": date(2027, 1, 1), "end_date": date(2027, 1, 5)}


def test_a_plan_that_a_quicker_worker_has_done_is_not_done_again(owl, administrator):
    plan = upload(administrator, row())
    planning.plan_file(BookingImportPlan.objects.get(pk=plan.pk))
    assert plan.rows.count() == 1
    apply_plan(plan, actor=administrator)
    applying.apply_rows(BookingImportPlan.objects.get(pk=plan.pk))
    working.do_work(plan.pk)
    assert Booking.objects.count() == BookingImportLog.objects.count() == 1


def test_updates_are_written_together_however_many(owl, administrator, monkeypatch):
    rows = [row(), row(code="HM2", **LATER)]
    book(administrator, *rows)
    monkeypatch.setattr(applying, "ROWS_PER_STEP", 1)
    new = row(code="HM3", start_date=date(2027, 2, 1), end_date=date(2027, 2, 3))
    book(administrator, *({**one, "status": "Currently hosting"} for one in rows), new)
    assert sorted(Booking.objects.values_list("external_code", "external_status")) == [
        ("HM0001", "Currently hosting"),
        ("HM2", "Currently hosting"),
        ("HM3", "Confirmed"),
    ]


@pytest.fixture
def book_meanwhile(owl, monkeypatch):
    """Let another writer take days of the house between the look at rows and their writing."""

    def prepare(first, last):
        def write(decisions, *, log):
            Booking.objects.create(
                property=owl,
                guest_name="Zeno",
                check_in=owl.check_in_at(first),
                check_out=owl.check_out_at(last),
            )
            return apply_decisions(decisions, log=log)

        apply_decisions = applying.apply_decisions
        monkeypatch.setattr(applying, "apply_decisions", write)

    return prepare


def test_an_amendment_that_the_database_refuses_keeps_no_other_back(
    owl, administrator, book_meanwhile
):
    book(administrator, row(), row(code="HM2", **LATER))
    plan = upload(
        administrator, row(end_date=date(2026, 12, 23)), row(code="HM2", adults=3, **LATER)
    )
    for one in plan.rows.all():
        decide_row(one, "take_file", actor=administrator)
    book_meanwhile(date(2026, 12, 21), date(2026, 12, 24))
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get(external_code="HM2").adults == 3
    assert Booking.objects.get(external_code="HM0001").check_out == owl.check_out_at(
        date(2026, 12, 21)
    )
    left = plan.rows.get(changed_since=True)
    assert (left.row_number, left.outcome) == (2, "conflict")


def test_a_booking_that_cannot_come_back_keeps_no_other_back(owl, administrator, book_meanwhile):
    rows = [row(), row(code="HM2", **LATER)]
    book(administrator, *({**one, "status": "Canceled"} for one in rows))
    plan = upload(administrator, *rows)
    book_meanwhile(date(2026, 12, 18), date(2026, 12, 20))
    apply_plan(plan, actor=administrator)
    assert sorted(Booking.objects.values_list("external_code", "status")) == [
        ("", "booked"),
        ("HM0001", "cancelled"),
        ("HM2", "confirmed"),
    ]
    assert plan.rows.get(changed_since=True).row_number == 2


def test_an_import_that_others_are_always_ahead_of_is_given_up(owl, administrator, monkeypatch):
    plan = upload(administrator, row(property_label="Heron House"))
    approve_label(plan.labels.get(), actor=administrator)

    def make_first(stored):
        Property.objects.create(name="Heron House")

    monkeypatch.setattr(applying, "_lock_bookings", make_first)
    plan = apply_plan(plan, actor=administrator)
    assert (plan.status, plan.error_code) == ("failed", "busy")
    assert not Booking.objects.exists()


def test_what_a_database_says_against_an_import_is_not_shown(owl, administrator, monkeypatch):
    plan = upload(administrator, row())

    def ask(stored):
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM nowhere")

    monkeypatch.setattr(applying, "_lock_bookings", ask)
    plan = apply_plan(plan, actor=administrator)
    assert (plan.status, plan.error_code) == ("failed", "database")
    assert "secret" not in str(plan.error)


def test_an_import_at_which_nobody_works_any_more_is_found(owl, administrator):
    plan = upload(administrator, row())
    plans = BookingImportPlan.objects.filter(pk=plan.pk)
    plans.update(status="applying")
    assert not list_stalled()
    plans.update(worked_at=timezone.now() - timedelta(minutes=3))
    assert list(list_stalled()) == [plan]
    plans.update(status="applied")
    assert not list_stalled()


def test_known_codes_are_found_however_many_queries_they_take(
    owl, crane, administrator, monkeypatch
):
    book(administrator, row(), row(code="HM2", **LATER))
    monkeypatch.setattr("api.services.excel_import.stays.CODES_PER_QUERY", 1)
    rows = [row(property_label="Crane"), row(code="HM2", property_label="Crane", **LATER)]
    assert outcomes(upload(administrator, *rows)) == [(2, "conflict"), (3, "conflict")]


def test_python_does_not_look_for_cycles_again_and_again_meanwhile(administrator):
    days = [date(2026, 12, 1) + timedelta(days=2 * place) for place in range(200)]
    rows = "\n".join(f"HM{day},Booked,Ada,{day},{day + timedelta(days=1)},Owl" for day in days)
    searches = count_searches()
    plan = upload_text(administrator, f"{TITLES}\n{rows}")
    apply_plan(approve_labels(plan, plan.labels.all(), actor=administrator), actor=administrator)
    assert Booking.objects.count() == 200
    assert count_searches() - searches <= 10


TITLES = "Confirmation code,Status,Guest name,Start date,End date,Properties"


def count_searches():
    return sum(generation["collections"] for generation in gc.get_stats())
