"""The import page serves those who may import, and nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api.admin.import_page import ImportForm
from api.models import Booking, BookingImportLog, BookingImportPlan, CalendarShare, Property
from api.models.import_plan import WORKBOOKS
from api.services.excel_import import import_bookings
from api.services.import_plan import undo_import
from django_modernize.audit import AuditEvent

from .factories import make_file, row
from .rows import Corner

pytestmark = pytest.mark.django_db

PAGE = "/admin/api/booking/import/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload(data=None, name="plan.xlsx", **choices):
    data = make_file(row(), row(code="HM2", start_date="31 Febuary")) if data is None else data
    return {"file": SimpleUploadedFile(name, data, XLSX), **choices}


@pytest.fixture
def importer(client, make_staff):
    client.force_login(make_staff("import_bookings", "view_booking"))
    return client


def test_an_import_leads_to_its_report(importer, owl):
    answer = importer.post(PAGE, upload(), follow=True)
    log = BookingImportLog.objects.get()
    assert answer.redirect_chain == [
        (reverse("admin:api_booking_import_report", args=[log.pk]), 302)
    ]
    page = answer.content.decode()
    assert "Row 3, column I (Start date): “31 Febuary” is not a date." in page
    assert "“plan.xlsx” was imported." in page
    assert Booking.objects.get().created_by.username == "staff"


def test_the_events_of_an_import_know_who_and_from_where(importer, owl):
    importer.post(PAGE, upload(), REMOTE_ADDR="192.0.2.7")
    event = AuditEvent.objects.get(object_type="api.booking")
    assert (event.actor.username, event.source) == ("staff", "excel_import")
    assert str(event.ip_address) == "192.0.2.7"


def test_a_dry_run_shows_what_would_happen_and_writes_nothing(importer, owl):
    answer = importer.post(PAGE, upload(dry_run="on"))
    page = answer.content.decode()
    assert "What would happen" in page
    assert "“31 Febuary” is not a date" in page
    assert not Booking.objects.exists()
    assert not BookingImportLog.objects.exists()


def test_a_preview_is_followed_by_the_import_by_the_same_choices(client, make_staff):
    client.force_login(make_staff("import_bookings", "approve_property"))
    choices = {"dry_run": "on", "create_properties": "on", "sheet": "Cleaning schedule"}
    shown = client.post(PAGE, upload(**choices))
    form = shown.context["form"]
    names = ("dry_run", "create_properties", "sheet")
    assert [form[name].value() for name in names] == [False, True, "Cleaning schedule"]
    assert 'type="file"' in str(form["file"]) and "required" in str(form["file"])
    assert "Choose the workbook once more" in shown.content.decode()


def test_a_preview_leads_to_no_booking_that_it_has_taken_back(importer, owl):
    data = make_file(row(), row(), row(code="HM2", guest_name="Zeno"))
    page = importer.post(PAGE, upload(data, dry_run="on")).content.decode()
    assert "overlaps" in page
    assert "Look at the booking" not in page
    stored = importer.post(PAGE, upload(data), follow=True).content.decode()
    assert "Look at the booking" in stored


def test_a_report_says_first_that_its_import_was_undone(client, make_staff, owl):
    person = make_staff("import_bookings", "undo_import", "view_bookingimportlog")
    client.force_login(person)
    client.post(PAGE, upload())
    log = BookingImportLog.objects.get()
    listed = reverse("admin:api_bookingimportlog_changelist")
    badge = '<span class="badge badge-cancelled">undone</span>'
    assert badge not in client.get(listed).content.decode()
    undo_import(log, actor=person)
    report = client.get(reverse("admin:api_booking_import_report", args=[log.pk])).content.decode()
    assert report.index("Undone on") < report.index("rows of the sheet")
    assert badge in client.get(listed).content.decode()


def test_a_broken_file_is_explained_in_the_form(importer, owl):
    answer = importer.post(PAGE, upload(b"no workbook"))
    assert answer.context["form"].errors["file"].data[0].code == "unknown_type"
    assert "Nothing was imported" in answer.content.decode()
    assert not BookingImportLog.objects.exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(importer, monkeypatch):
    small = WORKBOOKS.replace(max_bytes=10)
    monkeypatch.setattr(ImportForm.base_fields["file"], "policy", small)
    answer = importer.post(PAGE, upload())
    assert answer.context["form"].errors["file"].data[0].code == "too_large"


def test_an_import_without_a_file_asks_for_one(importer):
    assert "file" in importer.post(PAGE, {}).context["form"].errors


def test_a_hostile_file_name_is_shown_as_text(importer, owl):
    page = importer.post(PAGE, upload(name="<script>x.xlsx"), follow=True).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x.xlsx" in page


def test_hostile_cells_are_shown_as_text(importer):
    data = make_file(row(property_label="<b>x</b>", guest_name="<i>y</i>"))
    page = importer.post(PAGE, upload(data), follow=True).content.decode()
    assert "<b>x</b>" not in page
    assert "<i>y</i>" not in page


@pytest.fixture
def german_importer(importer):
    importer.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    return importer


def test_the_form_is_german_for_a_german_reader(german_importer):
    page = german_importer.get(PAGE).content.decode()
    assert "Buchungen importieren" in page
    assert "Arbeitsmappe" in page
    assert "Nur zeigen, was geschehen würde" in page
    assert "MB" in page
    assert [word for word in ("Workbook", "workbook.", "Sheet", "Nothing is") if word in page] == []


def test_a_preview_is_german_for_a_german_reader(german_importer, owl):
    page = german_importer.post(PAGE, upload(dry_run="on")).content.decode()
    assert "Was geschehen würde" in page
    assert "2 Zeilen des Blatts „Cleaning schedule“ in „plan.xlsx“." in page
    assert '<th scope="row" data-label="Zeile">3</th>' in page
    assert "Nothing was" not in page


def test_a_report_is_german_for_a_german_reader(german_importer, owl):
    page = german_importer.post(PAGE, upload(), follow=True).content.decode()
    assert "„plan.xlsx“ wurde importiert." in page
    assert "Import von „plan.xlsx“" in page
    assert "Zeilen, die einen zweiten Blick brauchen" in page
    assert "Importiert am " in page
    log = BookingImportLog.objects.get()
    report = reverse("admin:api_booking_import_report", args=[log.pk])
    refused = german_importer.get(report, {"outcome": "refused"}).content.decode()
    assert "Zeilen: abgelehnt" in refused


def test_the_list_of_bookings_leads_to_the_import_for_who_may(importer):
    assert PAGE in importer.get("/admin/api/booking/").content.decode()


def test_who_may_only_look_at_bookings_may_not_import(client, make_staff, owl):
    client.force_login(make_staff("view_booking", "change_booking"))
    assert PAGE not in client.get("/admin/api/booking/").content.decode()
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, upload()).status_code == 403
    assert not Booking.objects.exists()


def test_a_stranger_is_sent_to_the_login(client):
    assert client.post(PAGE, upload()).headers["Location"].startswith("/admin/login/")


def test_a_form_from_elsewhere_is_refused(make_staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff("import_bookings"))
    assert client.post(PAGE, upload()).status_code == 403


def test_properties_are_created_only_by_who_may_approve_them(importer):
    assert "create_properties" not in importer.get(PAGE).context["form"].fields
    importer.post(PAGE, upload(create_properties="on"))
    assert not Property.objects.exists()


def test_who_may_approve_properties_creates_them_with_the_import(client, make_staff):
    client.force_login(make_staff("import_bookings", "approve_property"))
    client.post(PAGE, upload(create_properties="on"))
    assert Property.objects.get().name == "Owl Point"
    assert Booking.objects.exists()


def test_a_report_is_shown_to_who_may_import_or_see_logs(client, make_staff, importer, owl):
    importer.post(PAGE, upload())
    url = reverse("admin:api_booking_import_report", args=[BookingImportLog.objects.get().pk])
    assert importer.get(url).status_code == 200
    importer.logout()
    assert importer.get(url).status_code == 302


def test_a_report_is_not_shown_to_others(client, make_staff, administrator):
    log = BookingImportLog.objects.create(file_name="x", request_id="0" * 32, row_count=0)
    client.force_login(make_staff("view_booking"))
    assert client.get(reverse("admin:api_booking_import_report", args=[log.pk])).status_code == 403


def test_a_report_shows_one_outcome_on_demand(importer, owl):
    importer.post(PAGE, upload())
    url = reverse("admin:api_booking_import_report", args=[BookingImportLog.objects.get().pk])
    assert "is not a date" in importer.get(url, {"outcome": "refused"}).content.decode()
    assert "is not a date" not in importer.get(url, {"outcome": "conflict"}).content.decode()
    assert importer.get(url, {"outcome": "'\"<", "page": "zz"}).status_code == 200


def test_a_log_is_opened_as_its_report_and_never_changed(client, administrator):
    log = BookingImportLog.objects.create(file_name="x", request_id="0" * 32, row_count=0)
    client.force_login(administrator)
    url = reverse("admin:api_bookingimportlog_change", args=[log.pk])
    assert client.get(url).headers["Location"] == f"{PAGE}{log.pk}/"
    assert client.get(reverse("admin:api_bookingimportlog_add")).status_code == 403
    delete = reverse("admin:api_bookingimportlog_delete", args=[log.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_the_report_leads_to_the_undo_for_who_may(client, owl, administrator):
    client.force_login(administrator)
    report = import_bookings(make_file(row()), file_name="bookings.xlsx")
    address = reverse("admin:api_booking_import_report", args=[report.log_id])
    undo = reverse("portal:import_undo", args=[report.log_id])
    assert undo in client.get(address).content.decode()
    BookingImportLog.objects.update(undone_at=timezone.now())
    assert undo not in client.get(address).content.decode()


def test_a_plan_in_the_admin_leads_to_its_page_in_the_portal(client, administrator):
    client.force_login(administrator)
    plan = Corner(house=None).make(BookingImportPlan)
    answer = client.get(reverse("admin:api_bookingimportplan_change", args=[plan.pk]))
    assert answer.url == reverse("portal:import_plan", args=[plan.pk])
    assert client.get(reverse("admin:api_bookingimportplan_changelist")).status_code == 200


@pytest.mark.parametrize("name", ["calendarfeed", "calendarshare", "bookingimporttemplate"])
def test_lists_of_calendars_and_templates_open(client, owl, administrator, name):
    client.force_login(administrator)
    assert client.get(reverse(f"admin:api_{name}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:api_{name}_add")).status_code == 200


def test_a_share_made_in_the_admin_shows_its_address_once(client, owl, administrator):
    client.force_login(administrator)
    address = reverse("admin:api_calendarshare_add")
    answer = client.post(address, {"property": owl.pk, "name": "Airbnb"}, follow=True)
    assert "/calendars/" in answer.content.decode()
    assert CalendarShare.objects.count() == 1
