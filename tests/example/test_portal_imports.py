"""The portal's way from a file to bookings and back, and who may go it."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from api.models import Booking, BookingImportLog, BookingImportPlan, Property
from api.models.auth import Role
from django_modernize.context import change_context

from .factories import make_file, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]


def drop_file(client, *rows, name="bookings.xlsx"):
    file = SimpleUploadedFile(name, make_file(*rows))
    answer = client.post(reverse("portal:imports"), {"file": file})
    plan = BookingImportPlan.objects.first()
    return plan, answer


def look(client, plan):
    return client.get(reverse("portal:import_plan", args=[plan.pk])).content.decode()


def test_a_file_goes_from_drop_to_bookings_and_back(client, owl, administrator):
    client.force_login(administrator)
    data = [row(), row(code="HM2", property_label="Heron House"), row(code="HM3")]
    plan, answer = drop_file(client, *data)
    assert answer.url == reverse("portal:import_plan", args=[plan.pk])
    page = look(client, plan)
    assert "Heron House" in page
    assert "overlaps" in page

    label = plan.labels.get()
    client.post(reverse("portal:import_label", args=[label.pk]), {"property": ""})
    conflict = plan.rows.get(outcome="conflict")
    client.post(reverse("portal:import_row", args=[conflict.pk]), {"action": "skip"})
    client.post(reverse("portal:import_apply", args=[plan.pk]), {"is_all_or_nothing": "1"})
    assert Booking.objects.count() == 2
    assert Property.objects.filter(name="Heron House").exists()

    log = BookingImportLog.objects.get()
    undo = reverse("portal:import_undo", args=[log.pk])
    assert "2 bookings are deleted" in client.get(undo).content.decode()
    client.post(undo)
    assert not Booking.objects.exists()
    assert [one.name for one in Property.objects.all()] == ["Owl Point"]


def test_values_are_taken_one_by_one_in_the_page(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row())
    client.post(reverse("portal:import_apply", args=[plan.pk]))
    plan, _ = drop_file(client, row(adults=4, end_date=date(2026, 12, 22)))
    found = plan.rows.get()
    assert 'name="fields_taken" value="end_date"' in look(client, plan)
    client.post(
        reverse("portal:import_row", args=[found.pk]),
        {"action": "take_file", "fields_taken": ["adults"]},
    )
    client.post(reverse("portal:import_apply", args=[plan.pk]))
    assert (Booking.objects.get().adults, Booking.objects.get().nights) == (4, 3)


def test_a_refused_file_is_told_in_the_form(client, administrator):
    client.force_login(administrator)
    file = SimpleUploadedFile("bookings.xlsx", b"no workbook")
    page = client.post(reverse("portal:imports"), {"file": file}).content.decode()
    assert "errorlist" in page
    assert not BookingImportPlan.objects.exists()


def test_the_progress_asks_again_until_the_work_is_done(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row())
    address = reverse("portal:import_progress", args=[plan.pk])
    assert client.get(address).headers["HX-Refresh"] == "true"
    BookingImportPlan.objects.update(status="applying", row_count=10, done_count=4)
    answer = client.get(address)
    assert "HX-Refresh" not in answer.headers
    assert 'value="40"' in answer.content.decode()
    assert 'hx-trigger="every 1s"' in answer.content.decode()


def test_what_changed_since_is_told_on_the_page(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row())
    other, _ = drop_file(client, row(code="HM9", guest_name="Zeno"))
    client.post(reverse("portal:import_apply", args=[other.pk]))
    answer = client.post(reverse("portal:import_apply", args=[plan.pk]), follow=True)
    assert "1 rows are not as they were shown" in answer.content.decode()
    assert "changed since" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_who_may_not_import_sees_no_page_of_it(client, owl, administrator, make_person, role):
    client.force_login(administrator)
    plan, _ = drop_file(client, row())
    client.force_login(make_person(role))
    assert client.get(reverse("portal:imports")).status_code == 403
    assert client.get(reverse("portal:import_plan", args=[plan.pk])).status_code == 403
    for name in ("import_apply", "import_discard", "import_resume", "import_approve"):
        assert client.post(reverse(f"portal:{name}", args=[plan.pk])).status_code == 403
    assert not Booking.objects.exists()


def test_a_manager_imports_and_neither_approves_nor_undoes(client, owl, make_person):
    client.force_login(make_person(Role.MANAGER))
    plan, _ = drop_file(client, row(), row(code="HM2", property_label="Nowhere"))
    label = plan.labels.get()
    assert client.post(reverse("portal:import_label", args=[label.pk])).status_code == 403
    client.post(reverse("portal:import_apply", args=[plan.pk]))
    log = BookingImportLog.objects.get()
    assert client.get(reverse("portal:import_undo", args=[log.pk])).status_code == 403


def test_statements_of_the_pages_do_not_grow_with_the_rows(
    client, owl, administrator, django_assert_max_num_queries
):
    client.force_login(administrator)
    rows = [row(code=f"HM{number}", property_label=f"House {number}") for number in range(30)]
    plan, _ = drop_file(client, *rows)
    with django_assert_max_num_queries(13):
        look(client, plan)
    with django_assert_max_num_queries(9):
        client.get(reverse("portal:imports"))


def send(client, name, key, **data):
    """Send a form of the portal, and return the page that it leads to."""
    answer = client.post(reverse(f"portal:{name}", args=[key]), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_labels_are_mapped_one_by_one_and_approved_together(client, owl, administrator):
    client.force_login(administrator)
    plan, _answer = drop_file(
        client,
        row(property_label="The Owl"),
        row(code="HM2", property_label="Heron House"),
        row(code="HM3", property_label="Crane House"),
    )
    label = plan.labels.get(label="The Owl")
    assert "Choose a house." in send(client, "import_label", label.pk, property="none")
    send(client, "import_label", label.pk, property=owl.pk)
    send(client, "import_approve", plan.pk)
    decisions = plan.labels.order_by("label").values_list("label", "decision")
    assert list(decisions) == [
        ("Crane House", "approved"), ("Heron House", "approved"), ("The Owl", "mapped"),
    ]  # fmt: skip


def test_a_decision_that_cannot_be_made_or_does_not_help_is_told(client, owl, administrator):
    client.force_login(administrator)
    plan, _answer = drop_file(client, row(), row(code="HM2", guest_name="Bo"))
    conflict = plan.rows.get(outcome="conflict")
    assert "This decision is not possible" in send(client, "import_row", conflict.pk, action="burn")
    assert "overlaps" in send(client, "import_row", conflict.pk, action="create")


def test_an_import_is_taken_up_again_or_dropped(client, owl, administrator):
    client.force_login(administrator)
    plan, _answer = drop_file(client, row())
    BookingImportPlan.objects.update(status="uploaded")
    plan.rows.all().delete()
    send(client, "import_resume", plan.pk)
    assert plan.rows.count() == 1
    send(client, "import_discard", plan.pk)
    plan.refresh_from_db()
    assert plan.status == "discarded"


def test_what_an_undo_leaves_is_told(client, owl, administrator):
    client.force_login(administrator)
    plan, _answer = drop_file(client, row())
    send(client, "import_apply", plan.pk)
    with change_context(actor=administrator, source="manual"):
        Booking.objects.update(guest_contact="+1 555 0100")
    log = BookingImportLog.objects.get()
    assert "Changed since by boss: guest contact." in send(client, "import_undo", log.pk)


def test_who_decides_stays_at_the_row_and_in_the_list_of_its_outcome(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row(), row(code="HM3"))
    conflict = plan.rows.get(outcome="conflict")
    page = client.get(reverse("portal:import_plan", args=[plan.pk]), {"outcome": "conflict"})
    assert 'name="outcome" value="conflict"' in page.content.decode()
    answer = client.post(
        reverse("portal:import_row", args=[conflict.pk]), {"action": "skip", "outcome": "conflict"}
    )
    assert answer.url.endswith(f"/imports/{plan.pk}/?outcome=conflict#row-{conflict.pk}")


def test_an_applied_plan_leads_to_its_bookings_and_says_what_was_made(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row(property_label="Heron House"))
    page = look(client, plan)
    assert re.search(r'value="0"\s+disabled>', page), "there is no good row to import"
    client.post(reverse("portal:import_approve", args=[plan.pk]))
    assert not re.search(r'value="0"\s+disabled>', look(client, plan))
    answer = client.post(reverse("portal:import_apply", args=[plan.pk]), follow=True)
    page = answer.content.decode()
    booking = Booking.objects.get()
    assert f'href="{reverse("portal:booking", args=[booking.pk])}"' in page
    assert "is imported" in page
    assert "1 house," in page
    client.post(reverse("portal:import_undo", args=[BookingImportLog.objects.get().pk]))
    assert f'href="{reverse("portal:booking", args=[booking.pk])}"' not in look(client, plan)


def test_an_import_is_discarded_only_when_that_is_confirmed(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row())
    address = reverse("portal:import_discard", args=[plan.pk])
    assert f'href="{address}"' in look(client, plan)
    page = client.get(address).content.decode()
    assert "Its file goes, with all that was decided about its rows" in page
    plan.refresh_from_db()
    assert plan.status == "planned"


def test_a_discarded_plan_says_that_nothing_of_it_was_imported(client, owl, administrator):
    client.force_login(administrator)
    plan, _ = drop_file(client, row())
    answer = client.post(reverse("portal:import_discard", args=[plan.pk]), follow=True)
    assert "nothing of it was imported" in answer.content.decode()


def test_the_preview_of_an_undo_names_each_row_that_gets_back_what_it_was(
    client, owl, administrator
):
    client.force_login(administrator)
    plan, _answer = drop_file(client, row())
    client.post(reverse("portal:import_apply", args=[plan.pk]))
    plan, _answer = drop_file(client, row(status="Currently hosting"))
    client.post(reverse("portal:import_apply", args=[plan.pk]))
    plan.refresh_from_db()
    booking = Booking.objects.get()
    address = reverse("portal:import_undo", args=[plan.log_id])
    page = client.get(address, headers={"accept-language": "de"}).content.decode()
    with translation.override("de"):
        title, field = str(booking), translation.gettext("external status")
    assert f"<strong>{title}</strong>" in page
    assert field in page
    assert "external status" not in page


def test_who_decides_is_told_what_becomes_of_the_row(client, owl, administrator):
    client.force_login(administrator)
    plan, _answer = drop_file(client, row(), row(code="HM2"))
    conflict = plan.rows.get(outcome="conflict")
    address = reverse("portal:import_row", args=[conflict.pk])
    answer = client.post(address, {"action": "skip", "outcome": "conflict"}, follow=True)
    assert f"Row {conflict.row_number}: skipped." in answer.content.decode()
    answer = client.post(address, {"action": "create"}, follow=True)
    assert "overlaps" in answer.content.decode()
    assert f"Row {conflict.row_number}: in conflict." not in answer.content.decode()
