"""The trail in the admin: the history of an object, the way back, and the list of all events."""

import csv
import io
import json

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from django_modernize.audit import history
from django_modernize.context import change_context
from tests.testapp.models import House, Person

pytestmark = pytest.mark.django_db

EVENTS = "/admin/modernize_audit/auditevent/"


@pytest.fixture
def boss(client):
    boss = Person.objects.create_superuser("boss")
    client.force_login(boss)
    return boss


@pytest.fixture
def house():
    with change_context(reason="opened <today>"):
        house = House.objects.create(name="Lake house")
    House.objects.update(name="=cmd|'calc'")
    return house


def history_of(house):
    return reverse("admin:testapp_house_history", args=[house.pk])


@pytest.mark.usefixtures("boss")
def test_the_history_shows_who_changed_what_and_why(client, house, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        page = client.get(history_of(house)).content.decode()
    assert "opened &lt;today&gt;" in page
    assert "<del>Lake house</del>" in page
    assert "<ins>=cmd|&#x27;calc&#x27;</ins>" in page


@pytest.mark.usefixtures("boss")
def test_the_history_costs_the_same_for_many_events(client, house, django_assert_max_num_queries):
    for number in range(120):
        House.objects.update(name=f"name {number}")
    with django_assert_max_num_queries(4):
        page = client.get(history_of(house)).content.decode()
    assert page.count("modernize-history-head") == 100
    older = client.get(f"{history_of(house)}?before={history(house)[99].pk}").content.decode()
    assert older.count("modernize-history-head") == 22


@pytest.mark.usefixtures("boss")
def test_an_object_that_is_gone_for_good_still_has_its_history(client, house):
    url, key = history_of(house), str(house.pk)
    house.hard_delete()
    assert "deleted for good" in client.get(url).content.decode()
    assert client.get(url.replace(key, "99999")).status_code == 404
    assert client.get(url.replace(key, "nothing")).status_code == 404


@pytest.mark.usefixtures("boss")
def test_a_change_is_shown_and_reverted_after_a_confirmation(client, house):
    event = history(house).first()
    url = f"{history_of(house)}{event.pk}/revert/"
    assert url in client.get(history_of(house)).content.decode()
    assert "Lake house" in client.get(url).content.decode()
    assert House.objects.get().name != "Lake house"
    page = client.post(url, follow=True).content.decode()
    assert "The change was reverted" in page
    assert House.objects.get().name == "Lake house"
    assert f"reverts event {event.pk}" in page


@pytest.mark.usefixtures("boss")
def test_what_stands_in_the_way_of_a_revert_is_told(client, house):
    event = history(house).first()
    House.objects.update(name="third")
    url = f"{history_of(house)}{event.pk}/revert/"
    assert "any more" in client.get(url).content.decode()
    assert "any more" in client.post(url, follow=True).content.decode()
    assert House.objects.get().name == "third"


def test_who_may_not_see_events_or_change_the_object_is_refused(client, house):
    event = history(house).first()
    viewer = Person.objects.create_user("viewer", is_staff=True)
    client.force_login(viewer)
    assert client.get(history_of(house)).status_code == 403
    assert client.post(f"{history_of(house)}{event.pk}/revert/").status_code == 403
    assert client.get(f"{EVENTS}export/csv/").status_code == 403
    # Who may read of a change may not undo it yet.
    allowed = ["view_house", "view_auditevent"]
    viewer.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    assert client.get(history_of(house)).status_code == 200
    assert client.post(f"{history_of(house)}{event.pk}/revert/").status_code == 403
    assert House.objects.get().name != "Lake house"


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("term", "count"),
    [
        ("testapp.house", 2),
        ("testapp.house {pk}", 2),
        ("{pk}", 2),
        ("nobody", 0),
        ("tx {tx}", 2),
        ("tx 5", 0),
        ("7b0ab6a0-3d20-4a2b-8f0c-3f3b7b0ab6a0", 0),
    ],
)
def test_events_are_found_by_what_a_term_can_mean(client, house, term, count):
    transaction_id = history(house).first().transaction_id
    found = client.get(EVENTS, {"q": term.format(pk=house.pk, tx=transaction_id)})
    shown = [event.object_type for event in found.context["cl"].result_list]
    assert shown.count("testapp.house") == count


@pytest.mark.usefixtures("boss")
def test_the_list_counts_nothing(client, house, django_assert_max_num_queries):
    with django_assert_max_num_queries(8) as queries:
        client.get(f"{EVENTS}?action=update&object_type=testapp.house")
    assert not [one["sql"] for one in queries.captured_queries if "COUNT(" in one["sql"].upper()]


@pytest.mark.usefixtures("boss")
def test_events_are_exported_as_the_list_is_filtered_and_no_cell_is_a_formula(client, house):
    response = client.get(f"{EVENTS}export/csv/?action=update&object_type=testapp.house")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert [row["action"] for row in rows] == ["update"]
    with change_context(reason="=1+1"):
        House.objects.update(name="x")
    response = client.get(f"{EVENTS}export/csv/?object_type=testapp.house")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert rows[-1]["reason"] == "'=1+1"
    assert client.get(f"{EVENTS}export/pdf/").status_code == 404


@pytest.mark.usefixtures("boss")
def test_events_are_exported_as_lines_of_json(client, house):
    response = client.get(f"{EVENTS}export/jsonl/?object_type=testapp.house")
    lines = [json.loads(line) for line in b"".join(response).decode().splitlines()]
    assert lines[0]["changes"]["name"] == [None, "Lake house"]


@pytest.mark.usefixtures("boss")
def test_no_filter_of_the_list_reads_the_whole_table(client, house):
    with CaptureQueriesContext(connection) as queries:
        client.get(EVENTS)

    assert not [query for query in queries if "DISTINCT" in query["sql"]]


@pytest.mark.usefixtures("boss")
def test_events_of_a_time_are_listed_by_time(client, house):
    today = timezone.localdate()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(EVENTS, {"created_at__gte": f"{today} 00:00:00+00:00"})

    assert len(page.context["cl"].result_list) == 2
    listed = [query["sql"] for query in queries if '"modernize_audit_event"."salt"' in query["sql"]]
    assert 'ORDER BY "modernize_audit_event"."created_at" DESC' in listed[-1]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(("source", "count"), [("system", 2), ("database", 0)])
def test_events_are_narrowed_down_to_their_source(client, house, source, count):
    page = client.get(EVENTS, {"source": source})

    assert len(page.context["cl"].result_list) == count


@pytest.mark.usefixtures("boss")
def test_german_pages_speak_german_of_the_trail(client, house):
    event = history(house).first()
    House.objects.update(name="third")
    with translation.override("de"):
        events = client.get(EVENTS).content.decode()
        page = client.get(history_of(house)).content.decode()
        revert = client.get(f"{history_of(house)}{event.pk}/revert/").content.decode()
    for text in ("Änderungsereignisse", "Herkunft", "Warum", "JSON-Zeilen ausgeben", "geändert"):
        assert text in events
    assert "Rückgängig machen" in page
    assert "ist nicht mehr" in revert
    assert "Das lässt sich nicht rückgängig machen:" in revert
