"""The pages of the portal: what each shows, to whom, and in how many statements."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from api.models import Booking, PermissionOverride, Property, PropertyOwnership, Task
from api.models.auth import Role
from api.models.booking import BookingStatus
from api.portal.calendar_rows import make_rows
from tests.e2e.scenario import add_houses, build_company


@pytest.fixture
def company(db):
    return build_company(houses=2, stays=5)


def visit(client, user, route, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"portal:{route}", args=args), query)


def count(client, route):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(f"portal:{route}")).status_code == 200
    return len(captured)


LISTS = ["overview", "calendar", "houses", "bookings", "tasks", "my_day", "activity", "rules"]


@pytest.mark.parametrize("route", [*LISTS, "inventory", "shopping", "lost_found", "recycle"])
def test_a_page_costs_the_same_however_much_it_shows(client, company, route):
    client.force_login(company["boss"])
    first = count(client, route)
    add_houses(company, ["Another", "And another"], 5)
    assert count(client, route) <= first


def test_the_overview_leads_to_the_tasks_that_it_counts(client, company):
    Task.objects.update(status="pending", assigned_to=None, due_date=None)
    late, soon, done = Task.objects.all()[:3]
    now = timezone.now()
    hours = timedelta(hours=3)
    Task.objects.filter(pk=done.pk).update(due_date=now - hours, status="completed")
    Task.objects.filter(pk=late.pk).update(due_date=now - hours)
    Task.objects.filter(pk=soon.pk).update(due_date=now + timedelta(days=1))
    figures = visit(client, company["mona"], "overview").context["figures"]
    boards = [client.get(one["address"]).context["columns"] for one in figures[4:6]]
    found = [[task for column in board for task in column["tasks"]] for board in boards]
    assert found == [[late], [late, soon]], "what is done is late no more"
    assert [one["value"] for one in figures[4:6]] == [1, 2]
    everything = client.get(reverse("portal:tasks")).context["columns"][0]["tasks"]
    assert everything[:2] == [late, soon], "what has no date comes last"


def test_an_owner_sees_the_own_houses_alone(client, company):
    page = visit(client, company["vera"], "calendar").content.decode()
    assert "Amber Cottage" in page
    assert "Birch Hollow" not in page
    stranger = Property.objects.get(name="Birch Hollow")
    assert visit(client, company["vera"], "house", stranger.pk).status_code == 404
    assert (
        visit(client, company["vera"], "booking", stranger.bookings.first().pk).status_code == 404
    )


@pytest.mark.parametrize(
    ("role", "route"),
    [("sam", "overview"), ("sam", "recycle"), ("vera", "my_day"), ("mona", "recycle")],
)
def test_a_page_for_others_is_refused(client, company, role, route):
    assert visit(client, company[role], route).status_code == 403


def test_home_leads_to_what_fits_the_role(client, company):
    for name, route in {"vera": "calendar", "sam": "my_day", "mona": "overview"}.items():
        assert visit(client, company[name], "home").url == reverse(f"portal:{route}")


def test_the_calendar_draws_stays_turnovers_and_short_gaps(owl):
    def row(pk, first, last, status=BookingStatus.BOOKED):
        check_in = owl.check_in_at(date(2026, 12, first))
        return (pk, owl.pk, check_in, owl.check_out_at(date(2026, 12, last)), "<Ada>", status)

    bookings = [row(1, 2, 4), row(2, 4, 6), row(3, 7, 9)]
    rows, days = make_rows([owl], bookings, date(2026, 12, 1), 10)
    cells = rows[0].cells
    widths = [int(one) for one in re.findall(r"colspan=(\d+)", cells)]
    assert widths == [3, 4, 4, 2, 4, 3]
    assert sum(widths) == 20
    assert cells.count('class="b t"') == 1
    assert "class=gap>1" in cells
    assert "&lt;Ada&gt;" in cells
    assert (days[3].arrivals, days[3].departures, days[3].turnovers) == (1, 1, 1)
    assert rows[0].nights == 6


def test_the_calendar_is_sent_compressed(client, company):
    client.force_login(company["mona"])
    response = client.get(reverse("portal:calendar"), headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"


def test_stays_that_go_past_the_edges_are_cut_there(owl):
    check_in, check_out = owl.check_in_at(date(2026, 11, 1)), owl.check_out_at(date(2027, 2, 1))
    booking = (1, owl.pk, check_in, check_out, "Ada", BookingStatus.BOOKED)
    rows, _days = make_rows([owl], [booking], date(2026, 12, 1), 10)
    assert rows[0].cells.count("<td") == 1
    assert 'class="b from on"' in rows[0].cells


def coming(house_name="Amber Cottage"):
    bookings = Booking.objects.filter(property__name=house_name, check_in__gt=timezone.now())
    return list(bookings.select_related("property"))


def test_a_move_says_what_is_in_the_way_before_it_is_stored(client, company):
    first, second = coming()[:2]
    shift = (second.find_days()[0] - first.find_days()[0]).days
    page = visit(client, company["mona"], "preview_move", first.pk, shift=shift).content.decode()
    assert f"Taken by {second.guest_name}" in page
    assert "Move it" not in page


def test_a_move_is_stored_where_the_house_is_free(client, company):
    last = coming()[-1]
    days = last.find_days()
    assert (
        "Move it"
        in visit(client, company["mona"], "preview_move", last.pk, shift=90).content.decode()
    )
    client.post(reverse("portal:move", args=[last.pk]), {"shift": 90, "house": last.property_id})
    moved = Booking.objects.get(pk=last.pk).find_days()
    assert moved == tuple(day + timedelta(days=90) for day in days)


def test_a_move_by_somebody_who_may_not_is_refused(client, company):
    booking = coming()[-1]
    page = visit(client, company["vera"], "preview_move", booking.pk, shift=90)
    assert "Move it" not in page.content.decode()
    response = client.post(reverse("portal:move", args=[booking.pk]), {"shift": 90})
    assert response.status_code == 403


def test_a_booking_is_changed_by_its_form_and_a_conflict_is_said_there(client, company):
    first, second = coming()[:2]
    days = second.find_days()
    client.force_login(company["mona"])
    address = reverse("portal:edit_booking", args=[first.pk])
    values = {
        "property": first.property_id,
        "guest_name": "Somebody",
        "status": first.status,
        "first_day": days[0].isoformat(),
        "last_day": days[1].isoformat(),
        "adults": 1,
        "children": 0,
        "infants": 0,
        "currency": "USD",
    }
    page = client.post(address, values).content.decode()
    assert f"by {second.guest_name}" in page
    free = {"first_day": "2028-01-03", "last_day": "2028-01-05"}
    assert client.post(address, values | free).url == reverse("portal:booking", args=[first.pk])
    assert Booking.objects.get(pk=first.pk).guest_name == "Somebody"


def test_a_booking_is_made_by_the_form(client, company):
    client.force_login(company["mona"])
    house = Property.objects.get(name="Amber Cottage")
    values = {
        "property": house.pk,
        "guest_name": "New",
        "status": "booked",
        "source": "Direct",
        "first_day": "2028-01-03",
        "last_day": "2028-01-05",
        "currency": "USD",
        "adults": 2,
        "children": 0,
        "infants": 0,
    }
    client.post(reverse("portal:new_booking"), values)
    booking = Booking.objects.get(guest_name="New")
    assert booking.check_in == house.check_in_at(date(2028, 1, 3))


def test_a_house_is_changed_and_a_taken_name_is_said_at_its_field(client, company):
    client.force_login(company["mona"])
    house = Property.objects.get(name="Amber Cottage")
    values = {
        "name": "Amber House",
        "address": "",
        "property_type": "house",
        "check_in_time": "15:00",
        "check_out_time": "10:00",
        "time_zone": "America/New_York",
    }
    address = reverse("portal:edit_house", args=[house.pk])
    assert client.post(address, values).status_code == 302
    assert Property.objects.get(pk=house.pk).name == "Amber House"
    page = client.post(address, values | {"name": "Birch Hollow"}).content.decode()
    assert 'class="field has-errors' in page


def test_a_new_house_goes_by_the_companys_clock(client, company, settings):
    page = visit(client, company["mona"], "new_house").content.decode()
    assert f'<option value="{settings.TIME_ZONE}" selected>' in page


def let_restore(user):
    for permission in ("api.restore_deleted", "api.delete_property"):
        PermissionOverride.objects.create(
            user=user, permission=permission, is_granted=True, reason="tidies up"
        )


def test_a_deleted_house_comes_back_with_its_bookings(client, company):
    let_restore(company["mona"])
    house = Property.objects.get(name="Amber Cottage")
    bookings, tasks = house.bookings.count(), house.tasks.count()
    page = visit(client, company["mona"], "delete", "property", house.pk).content.decode()
    assert f"<strong>{bookings}</strong> Bookings" in page
    client.post(reverse("portal:delete", args=["property", house.pk]), {"reason": "sold"})
    assert not Property.objects.filter(pk=house.pk).exists()
    listed = visit(client, company["mona"], "recycle").content.decode()
    assert "Amber Cottage" in listed
    assert "sold" in listed
    # What went along is not listed by itself.
    assert listed.count("Look and restore") == 1
    preview = visit(client, company["mona"], "deleted", "property", house.pk).content.decode()
    assert f"<strong>{tasks}</strong> Tasks" in preview
    client.post(reverse("portal:restore", args=["property", house.pk]))
    assert house.bookings.count() == bookings
    assert house.tasks.count() == tasks


def test_a_restore_that_something_is_in_the_way_of_says_so_first(client, company):
    let_restore(company["mona"])
    house = Property.objects.get(name="Amber Cottage")
    house.delete()
    Property.objects.create(name="Amber Cottage")
    page = visit(client, company["mona"], "deleted", "property", house.pk).content.decode()
    assert "It cannot come back as things are" in page
    client.post(reverse("portal:restore", args=["property", house.pk]))
    assert not Property.objects.filter(pk=house.pk).exists()


def test_nobody_deletes_without_the_permission(client, company):
    house = Property.objects.get(name="Amber Cottage")
    assert visit(client, company["mona"], "delete", "property", house.pk).status_code == 403
    client.post(reverse("portal:delete", args=["property", house.pk]))
    assert Property.objects.filter(pk=house.pk).exists()


def test_the_history_tells_who_changed_what_without_the_noise(client, company):
    booking = coming()[0]
    client.force_login(company["mona"])
    client.post(reverse("portal:cancel_booking", args=[booking.pk]), {"reason": "ill"})
    page = visit(client, company["mona"], "history", "booking", booking.pk).content.decode()
    assert "“ill”" in page
    assert "mona" in page
    assert "<ins>cancelled</ins>" in page
    assert "modified" not in page


def test_who_did_what_is_told_by_day_and_person(client, company):
    page = visit(client, company["mona"], "activity", person="mona").content.decode()
    assert "Amber Cottage" in page or "Lighthouse Lane" in page
    yesterday = timezone.localdate() - timedelta(days=1)
    page = visit(client, company["mona"], "activity", day=yesterday.isoformat()).content.decode()
    assert "Nothing was changed on this day." in page


def test_what_happened_to_rows_that_one_does_not_see_is_not_told(client, company):
    boss, mona, vera = (company[name] for name in ("boss", "mona", "vera"))
    boss.profile.phone = "555-0100"
    boss.profile.save()
    owned = Booking.objects.filter(property__name="Amber Cottage")
    owned.update(guest_name="Seen Guest")
    Booking.objects.exclude(pk__in=owned).update(guest_name="Hidden Guest")
    PermissionOverride.objects.create(
        user=vera, permission="api.view_history", is_granted=True, reason="a test"
    )
    assert "555-0100" in visit(client, boss, "activity").content.decode()
    told = visit(client, mona, "activity").content.decode()
    assert "555-0100" not in told
    assert "Hidden Guest" in told
    told = visit(client, vera, "activity").content.decode()
    assert "Seen Guest" in told
    assert "Hidden Guest" not in told


def test_my_day_shows_the_own_tasks_and_the_teams_that_are_nobodys(client, company):
    page = visit(client, company["sam"], "my_day").content.decode()
    others = Task.objects.filter(title="Look at the water heater")
    assert others.exists()
    assert "Look at the water heater" not in page
    assert "Turnover cleaning" in page


def test_an_owner_changes_the_own_house_only_where_allowed(client, company):
    house = Property.objects.get(name="Amber Cottage")
    assert visit(client, company["vera"], "edit_house", house.pk).status_code == 403
    PropertyOwnership.objects.filter(property=house).update(can_edit=True)
    assert visit(client, company["vera"], "edit_house", house.pk).status_code == 200


@pytest.mark.parametrize(
    "route", ["calendar", "bookings", "houses", "people", "tasks", "activity", "recycle"]
)
def test_nonsense_in_the_address_is_passed_over(client, company, route):
    names = ("from", "days", "day", "page", "q", "kind", "house", "person", "guest", "code")
    nonsense = dict.fromkeys(names, "'\"<x>\x00")
    response = visit(client, company["boss"], route, **nonsense)
    assert response.status_code == 200
    assert "<x>" not in response.content.decode()


@pytest.mark.parametrize("route", ["houses", "calendar", "overview"])
def test_a_company_without_a_house_is_told_how_to_begin(client, make_person, route):
    page = visit(client, make_person(Role.MANAGER), route).content.decode()
    assert "There is no house yet." in page
    assert reverse("portal:new_house") in page
    assert reverse("portal:imports") in page.partition("There is no house yet.")[2]


@pytest.mark.parametrize("route", ["houses", "calendar"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_who_makes_no_houses_is_told_whom_to_ask(client, make_person, role, route):
    page = visit(client, make_person(role), route).content.decode()
    assert "There is no house for you to see." in page
    assert reverse("portal:new_house") not in page


def test_a_search_that_finds_no_house_says_so(client, make_person):
    for route in ("houses", "calendar"):
        page = visit(client, make_person(Role.MANAGER), route, q="Nowhere").content.decode()
        assert "No house to show." in page
        assert "There is no house yet." not in page
