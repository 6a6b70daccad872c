"""What the database alone refuses comes back as an error of the admin's form."""

from datetime import date

import pytest
from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.db.models.signals import pre_save

from django_modernize.integrity.admin import ConstraintAdminMixin
from tests.connections import other_program
from tests.testapp.models import Lodging, Person, Reservation

pytestmark = pytest.mark.django_db

LIST = "/admin/testapp/reservation/"
MAY = [date(2026, 5, day) for day in range(1, 32)]


@pytest.fixture(autouse=True)
def boss(client):
    boss = Person.objects.create_superuser("boss")
    client.force_login(boss)
    return boss


@pytest.fixture
def stored():
    """A reservation from the 11th to the 21st of May."""
    lodging = Lodging.objects.create(name="Elm")
    return Reservation.objects.create(lodging=lodging, check_in=MAY[10], check_out=MAY[20])


def send(client, stored, first, last, url=f"{LIST}add/"):
    data = {"lodging": stored.lodging_id, "check_in": MAY[first], "check_out": MAY[last]}
    return client.post(url, {**data, "badge": "typed"})


def test_a_form_that_the_database_refuses_comes_back_with_the_row_in_the_way(client, stored):
    response = send(client, stored, 15, 25)
    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors() == [
        "This reservation overlaps with “booked from 2026-05-11” (May 11, 2026 to May 21, 2026)."
    ]
    assert 'value="typed"' in response.content.decode()
    assert Reservation.objects.get() == stored


def test_a_change_that_the_database_refuses_comes_back(client, stored):
    send(client, stored, 20, 25)
    second = Reservation.objects.get(badge="typed")
    response = send(client, stored, 19, 25, f"{LIST}{second.pk}/change/")
    assert "overlaps with" in response.content.decode()
    assert send(client, stored, 21, 25, f"{LIST}{second.pk}/change/").status_code == 302


def test_a_list_that_the_database_refuses_comes_back_with_a_message(client, stored):
    send(client, stored, 20, 25)
    rows = Reservation.objects.order_by("-pk")
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-id": row.pk, f"form-{number}-check_out": MAY[30]}
    response = client.post(LIST, data, follow=True)
    assert "This reservation overlaps with" in response.content.decode()
    assert {row.check_out for row in rows.all()} == {MAY[20], MAY[25]}


def test_a_file_that_came_with_a_refused_form_is_read_from_its_beginning_again(rf, boss, stored):
    contents = []

    class ScanForm(forms.ModelForm):
        scan = forms.FileField()

        def clean_scan(self):
            contents.append(self.cleaned_data["scan"].read())

    class ScanAdmin(ConstraintAdminMixin, admin.ModelAdmin):
        form = ScanForm
        fields = ("lodging", "check_in", "check_out", "badge", "scan")

    data = {"lodging": stored.lodging_id, "check_in": MAY[15], "check_out": MAY[25]}
    scan = SimpleUploadedFile("scan.txt", b"text")
    request = rf.post(f"{LIST}add/", {**data, "badge": "typed", "scan": scan})
    request.user, request._dont_enforce_csrf_checks = boss, True
    page = ScanAdmin(Reservation, admin.site).changeform_view(request).render().content.decode()
    assert "overlaps with" in page
    assert contents == [b"text", b"text"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_what_another_one_wrote_just_now_is_named_once(client, stored):
    def be_quicker(**kwargs):
        with other_program() as program:
            program.execute(
                "INSERT INTO testapp_reservation"
                " (lodging_id, check_in, check_out, status, badge, deletion_reason)"
                " SELECT lodging_id, '2026-05-25', '2026-05-28', status, badge, deletion_reason"
                " FROM testapp_reservation"
            )

    pre_save.connect(be_quicker, sender=Reservation)
    try:
        response = send(client, stored, 23, 26)
    finally:
        pre_save.disconnect(be_quicker, sender=Reservation)
    assert response.context["adminform"].form.non_field_errors() == [
        "This reservation overlaps with “booked from 2026-05-25” (May 25, 2026 to May 28, 2026)."
    ]


def test_an_error_that_no_constraint_explains_is_raised(client, stored):
    connection.check_constraints()  # lets PostgreSQL change the table within the transaction
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX once ON testapp_reservation (lodging_id)")
    with pytest.raises(IntegrityError, match=r"once|lodging_id"):
        send(client, stored, 25, 28)


def test_an_error_of_something_else_is_not_hidden(client, stored):
    Reservation.objects.update(badge="typed")
    response = send(client, stored, 1, 2)
    assert "already exists" in response.content.decode()
