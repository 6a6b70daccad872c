"""What becomes of a row follows from the row, the houses and the stays alone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.models.import_plan import RowAction
from api.services.excel_import.choices import RowChoice
from api.services.excel_import.columns import Column
from api.services.excel_import.differences import make_stay
from api.services.excel_import.houses import House, HouseIndex, UnknownHouse
from api.services.excel_import.plan import plan_import
from api.services.excel_import.rows import BookingRow, parse_row
from api.services.excel_import.stays import MatchRules, StayIndex
from api.services.excel_import.workbook import RawRow

from .factories import HEADERS, row

COLUMNS = {
    field: Column(index=position, header=header.strip())
    for position, (field, header) in enumerate(HEADERS.items(), start=1)
}
NEW_YORK = ZoneInfo("America/New_York")


def house(name, pk):
    return House(pk=pk, name=name, check_in_time=time(16), check_out_time=time(10), zone=NEW_YORK)


OWL, CRANE = house("Owl Point", 1), house("Crane", 2)


def parse(number=2, **values):
    cells = {**dict.fromkeys(HEADERS, ""), **row(**values)}
    return parse_row(RawRow(number=number, cells=cells), COLUMNS)


def stored(where=OWL, booking_id=7, **values):
    stay = make_stay(parse(**values), where)
    stay.booking_id, stay.row_number = booking_id, None
    return stay


def plan(*rows, stays=(), houses=None, deleted_codes=()):
    houses = houses or HouseIndex([OWL, CRANE], [("the crane", 2)])
    index = StayIndex(stays, deleted_codes)
    return plan_import(rows, houses=houses, stays=index, columns=COLUMNS)


def outcomes(*rows, **options):
    return [decision.outcome.value for decision in plan(*rows, **options)]


def only_problem(*rows, **options):
    decision = plan(*rows, **options)[-1]
    (problem,) = decision.problems
    return decision.outcome.value, problem


def test_a_row_nobody_knows_is_created():
    (decision,) = plan(parse())
    assert decision.outcome.value == "created"
    assert decision.house is OWL
    assert decision.stay.check_in == datetime(2026, 12, 18, 21, tzinfo=UTC)
    assert decision.stay.check_out == datetime(2026, 12, 21, 15, tzinfo=UTC)


def test_days_become_instants_by_the_clock_of_the_house_through_a_change_of_time():
    (decision,) = plan(parse(start_date=date(2027, 3, 13), end_date=date(2027, 3, 15)))
    assert decision.stay.check_in.hour == 21
    assert decision.stay.check_out.hour == 14
    assert (decision.stay.start_date, decision.stay.end_date) == (
        date(2027, 3, 13),
        date(2027, 3, 15),
    )


def test_every_wrong_cell_of_a_row_is_named_with_its_column():
    refused = parse(start_date="31 Febuary", adults="many", status="Perhaps", guest_name="")
    assert [(one.column, one.header) for one in refused.problems] == [
        ("I", "Start date"),
        ("D", "Guest name"),
        ("C", "Status"),
        ("F", "# of adults"),
    ]
    assert outcomes(refused) == ["refused"]


@pytest.mark.parametrize("end", [date(2026, 12, 18), date(2026, 12, 1)])
def test_a_check_out_that_is_not_after_the_check_in_is_refused(end):
    (problem,) = parse(end_date=end).problems
    assert problem.code == "check_out_before_check_in"
    assert (problem.column, problem.header) == ("J", "End date")


def test_a_missing_date_is_named():
    (problem,) = parse(start_date="").problems
    assert (problem.code, problem.column) == ("missing_value", "I")


def test_the_nights_of_the_file_are_only_compared():
    assert parse(nights=date(1900, 1, 3)).notes == ()
    assert list(map(str, parse(nights=5.0).notes)) == [
        "The file counts 5 nights, the dates give 3."
    ]
    assert parse(nights=5.0).nights == 3


def test_a_broken_name_is_kept_and_pointed_out():
    broken = parse(guest_name="Ana NÃºÃ±ez")
    assert broken.guest_name == "Ana NÃºÃ±ez"
    assert "Ana Núñez" in str(broken.notes[0])


def test_a_blank_source_follows_from_the_code():
    assert [
        parse(source="", code=code).source for code in ("HMX", "HA-X", "Directly", "Owner staying")
    ] == ["Airbnb", "Vrbo", "Direct", "Owner"]


def test_words_in_the_code_column_are_no_codes():
    first = parse(code="Owner staying", guest_name="Zeno")
    second = parse(3, code="Owner staying", guest_name="Ada", property_label="Crane")
    assert (first.code, second.code) == ("", "")
    assert outcomes(first, second) == ["created", "created"]


def test_an_unknown_label_is_refused_with_the_one_that_may_be_meant():
    outcome, problem = only_problem(parse(property_label="Owl Pont"))
    assert (outcome, problem.code, problem.column) == ("refused", "unknown_property", "O")
    assert "perhaps “Owl Point” is meant" in problem.message


def test_a_label_is_found_whatever_its_case_and_spaces_and_by_its_alias():
    assert outcomes(
        parse(property_label=" owl  POINT "), parse(3, property_label="The Crane", code="HM2")
    ) == ["created", "created"]


@pytest.mark.parametrize("label", ["Owl", "Point", "Owl Point 2", "6th"])
def test_a_part_of_a_name_is_not_the_house(label):
    houses = HouseIndex([OWL, house("126th", 3)])
    assert outcomes(parse(property_label=label), houses=houses) == ["refused"]


def test_a_label_that_may_be_two_houses_is_refused():
    houses = HouseIndex([house("Owl", 1), house("OWL", 2)])
    with pytest.raises(UnknownHouse, match="“owl” may be “Owl” and “OWL”"):
        houses.find_house("owl")


def test_a_new_house_is_made_once_for_all_spellings_of_its_label():
    houses = HouseIndex([], can_create=True)
    first, second = plan(
        parse(property_label="New House"),
        parse(3, property_label="new  house", code="HM2", guest_name="Zeno"),
        houses=houses,
    )
    assert first.house is second.house
    assert first.house.name == "New House"
    assert second.outcome.value == "conflict"


def test_a_label_too_long_for_a_name_makes_no_house():
    houses = HouseIndex([], can_create=True)
    outcome, problem = only_problem(parse(property_label="x" * 101), houses=houses)
    assert (outcome, problem.code) == ("refused", "unknown_property")


def test_the_same_row_again_changes_nothing():
    assert outcomes(parse(), stays=[stored()]) == ["unchanged"]


def test_an_empty_cell_says_nothing_about_a_known_booking():
    known = stored(guest_contact="+1 555", adults=4.0, earnings=120.0, listing_name="Gem")
    assert outcomes(parse(), stays=[known]) == ["unchanged"]


def test_a_broken_encoding_is_no_difference():
    known = stored(guest_name="Ana Núñez")
    assert outcomes(parse(guest_name="Ana NÃºÃ±ez"), stays=[known]) == ["unchanged"]


def test_a_platforms_new_status_is_updated():
    (decision,) = plan(parse(status="Currently hosting"), stays=[stored()])
    assert decision.outcome.value == "updated"
    assert decision.changes == {"status": ("Confirmed", "Currently hosting")}


def test_a_new_status_that_no_platform_vouches_for_is_for_a_person():
    words = {"code": "Directly", "source": "Directly"}
    outcome, problem = only_problem(
        parse(**words, status="Canceled"), stays=[stored(**words, status="Booked")]
    )
    assert (outcome, problem.code, problem.column) == ("conflict", "differs", "C")


def test_a_status_that_a_person_set_is_not_overwritten():
    known = stored()
    known.status = "cancelled"
    assert outcomes(parse(), stays=[known]) == ["unchanged"]
    outcome, problem = only_problem(parse(status="Currently hosting"), stays=[known])
    assert (outcome, problem.code) == ("conflict", "changed_by_hand")


def test_other_differences_are_for_a_person_field_by_field():
    (decision,) = plan(
        parse(guest_name="Zeno", end_date=date(2026, 12, 22), status="Booked"), stays=[stored()]
    )
    assert decision.outcome.value == "conflict"
    assert [problem.column for problem in decision.problems] == ["J", "D", "C"]
    assert decision.changes["end_date"] == ("2026-12-21", "2026-12-22")


def test_a_code_that_is_known_for_another_house_is_for_a_person():
    outcome, problem = only_problem(parse(), stays=[stored(CRANE)])
    assert (outcome, problem.code, problem.column) == ("conflict", "other_property", "O")
    assert "“Crane”" in problem.message


def test_a_row_without_a_code_is_known_by_guest_house_and_dates():
    words = {"code": "Owner staying", "status": "Owner staying", "source": "Owner staying"}
    assert outcomes(parse(**words), stays=[stored(**words)]) == ["unchanged"]


def test_an_overlap_with_a_stored_booking_is_a_conflict():
    known = stored(code="HM9", start_date=date(2026, 12, 20), end_date=date(2026, 12, 25))
    outcome, problem = only_problem(parse(), stays=[known])
    assert (outcome, problem.code, problem.column) == ("conflict", "overlap", "I")
    assert "overlaps booking 7 (Ada Fenwick, 2026-12-20 to 2026-12-25)" in problem.message
    assert "may be the same booking" in problem.message


def test_a_turnover_on_one_day_is_no_conflict():
    before = stored(code="HM8", start_date=date(2026, 12, 10), end_date=date(2026, 12, 18))
    after = stored(
        booking_id=8, code="HM9", start_date=date(2026, 12, 21), end_date=date(2026, 12, 25)
    )
    assert outcomes(parse(), stays=[before, after]) == ["created"]


def test_the_same_days_in_another_house_are_no_conflict():
    assert outcomes(parse(), parse(3, code="HM2", property_label="Crane")) == ["created"] * 2


def test_a_cancelled_booking_keeps_nobody_out():
    assert outcomes(parse(), stays=[stored(code="HM9", status="Canceled")]) == ["created"]
    assert outcomes(parse(status="Canceled"), stays=[stored(code="HM9")]) == ["created"]


def test_of_two_rows_of_the_file_that_overlap_the_first_wins():
    rows = parse(), parse(3, code="HM2", guest_name="Zeno")
    _, problem = only_problem(*rows)
    assert outcomes(*rows) == ["created", "conflict"]
    assert "overlaps row 2 (Ada Fenwick" in problem.message


def test_a_row_that_stands_twice_counts_once():
    first, second = plan(parse(), parse(3))
    assert [first.outcome.value, second.outcome.value] == ["created", "unchanged"]
    assert list(map(str, second.notes)) == ["It repeats row 2."]


@pytest.mark.parametrize("stays", [[], [stored()]])
def test_of_two_rows_with_one_code_that_differ_the_second_is_for_a_person(stays):
    rows = parse(), parse(3, status="Currently hosting")
    *_, second = plan(*rows, stays=stays)
    assert second.outcome.value == "conflict"
    assert second.problems[0].code == "repeated"


def test_a_cancellation_makes_room_wherever_it_stands_in_the_file():
    fresh = parse(2, code="HM2", guest_name="Zeno")
    cancelled = parse(3, status="Canceled by guest")
    assert outcomes(fresh, cancelled, stays=[stored()]) == ["created", "updated"]


def test_a_booking_does_not_come_back_over_another():
    cancelled = stored(status="Canceled")
    other = stored(booking_id=8, code="HM9", guest_name="Zeno")
    outcome, problem = only_problem(parse(), stays=[cancelled, other])
    assert (outcome, problem.code) == ("conflict", "overlap")


def test_a_cancelled_booking_that_comes_back_is_updated():
    cancelled = stored(status="Canceled")
    assert outcomes(parse(), stays=[cancelled]) == ["updated"]


def test_a_deleted_booking_blocks_nothing_but_is_pointed_out():
    (decision,) = plan(parse(), deleted_codes=["HM0001"])
    assert decision.outcome.value == "created"
    assert list(map(str, decision.notes)) == ["A deleted booking has the same code."]


def decide(action, *others, stays=(), target=None, fields=(), **values):
    """Return what becomes of a row about which somebody has decided."""
    choices = {2: RowChoice(action=action, fields=fields, target=target)}
    index = StayIndex(stays)
    rows = [parse(**values), *others]
    houses = HouseIndex([OWL, CRANE])
    return plan_import(rows, houses=houses, stays=index, columns=COLUMNS, choices=choices)[0]


def test_a_new_row_that_is_left_is_no_conflict():
    decision = decide(RowAction.SKIP)
    assert (decision.outcome, decision.stay, decision.problems) == ("skipped", None, ())


def test_the_file_is_taken_over_the_stay_that_is_in_the_way():
    stay = stored(adults=1)
    decision = decide(RowAction.TAKE_FILE, stays=[stay], code="HM2", adults=3)
    assert (decision.outcome, decision.stay, stay.adults) == ("updated", stay, 3)


def test_the_file_is_taken_where_no_stay_is_in_the_way_any_more():
    assert decide(RowAction.TAKE_FILE, code="HM2").outcome == "created"


def test_a_booking_is_not_made_twice_under_one_code():
    (problem,) = decide(RowAction.CREATE, stays=[stored()], adults=3).problems
    assert (problem.code, "is taken by" in problem.message) == ("known", True)


def test_what_the_file_says_no_more_is_not_taken():
    assert decide(RowAction.TAKE_FILE, stays=[stored()], fields=["adults"]).outcome == "unchanged"


@pytest.mark.parametrize(
    ("fields", "start", "end", "code"),
    [
        (["start_date"], date(2026, 12, 24), date(2026, 12, 26), "check_out_before_check_in"),
        (["end_date"], date(2026, 12, 18), date(2026, 12, 27), "overlap"),
    ],
)
def test_dates_are_not_taken_that_leave_no_stay_or_hit_another(fields, start, end, code):
    stay, other = (
        stored(),
        stored(
            booking_id=8, code="HM2", start_date=date(2026, 12, 25), end_date=date(2026, 12, 28)
        ),
    )
    decision = decide(
        RowAction.TAKE_FILE, stays=[stay, other], fields=fields, start_date=start, end_date=end
    )
    assert (decision.outcome, [one.code for one in decision.problems]) == ("conflict", [code])
    assert (stay.start_date, stay.end_date) == (date(2026, 12, 18), date(2026, 12, 21))


def test_an_arrival_is_taken_and_the_time_of_departure_is_left():
    stay = stored()
    decision = decide(
        RowAction.TAKE_FILE, stays=[stay], fields=["start_date"], start_date=date(2026, 12, 17)
    )
    assert (decision.outcome, "check_out" in decision.amendment) == ("updated", False)
    assert decision.amendment["nights"] == 4


@pytest.mark.parametrize(("before", "after"), [("Canceled", "Canceled"), ("Confirmed", "Canceled")])
def test_a_cancelled_stay_that_is_amended_keeps_nobody_out(before, after):
    stay = stored(status=before)
    other = parse(3, code="HM2")
    decision = decide(RowAction.TAKE_FILE, other, stays=[stay], status=after, adults=3)
    assert (decision.outcome, stay.adults, stay.is_active) == ("updated", 3, False)


def test_an_alias_of_a_house_that_is_not_seen_means_nothing():
    houses = HouseIndex([OWL], [("the crane", 2), ("owl point", 1)])
    assert houses.find_house("OWL POINT") is OWL
    with pytest.raises(UnknownHouse):
        houses.find_house("the crane")


def test_a_guest_and_dates_are_no_match_where_the_template_says_so():
    rules = MatchRules(code=False, guest_and_dates=False)
    assert StayIndex([stored()], rules=rules).find_match(parse(), OWL) is None
    assert StayIndex([stored()]).find_match(parse(), OWL) is not None


def test_a_length_of_time_in_a_cell_is_kept_as_its_text():
    assert parse(guest_contact=timedelta(hours=26)).raw["guest_contact"] == "1 day, 2:00:00"


def test_decisions_keep_the_order_of_the_file():
    rows = [parse(2, code="HM2", guest_name="Zeno"), parse(3), parse(4, start_date="?")]
    assert [one.row.number for one in plan(*rows, stays=[stored(end_date=date(2027, 1, 1))])] == [
        2, 3, 4,
    ]  # fmt: skip


DAYS = st.integers(min_value=0, max_value=30)


@given(st.lists(st.tuples(DAYS, st.integers(1, 6), st.sampled_from(["Owl Point", "Crane"]))))
def test_no_two_created_stays_of_a_house_share_a_night_and_no_refusal_is_without_cause(stays):
    first = date(2026, 1, 1).toordinal()
    rows = [
        parse(
            number,
            code=f"HM{number}",
            start_date=date.fromordinal(first + start),
            end_date=date.fromordinal(first + start + nights),
            property_label=label,
        )
        for number, (start, nights, label) in enumerate(stays, start=2)
    ]
    taken = set()
    for decision in plan(*rows):
        assert isinstance(decision.row, BookingRow)
        begin, end = decision.row.start_date.toordinal(), decision.row.end_date.toordinal()
        nights = {(decision.row.property_label, night) for night in range(begin, end)}
        assert (decision.outcome.value == "created") == nights.isdisjoint(taken)
        if decision.outcome.value == "created":
            taken |= nights
