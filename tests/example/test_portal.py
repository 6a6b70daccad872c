"""The frame of the portal: who may open what, in which language, and under which policy."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from api.models import Profile, User
from api.models.auth import Role

PEOPLE = [Role.VIEWER, Role.STAFF, Role.MANAGER, Role.SUPERUSER]
PUBLIC = {"accept_invite", "sign_in", "sign_out", "forgotten", "mail_sent", "new_password"}


def list_routes():
    from api.portal.urls import urlpatterns

    return [pattern for pattern in urlpatterns if pattern.name not in PUBLIC]


@pytest.fixture
def sign_in(client, make_person):
    """Return what signs a person of a role in, and gives the browser."""

    def enter(role, **profile):
        client.force_login(make_person(role, **profile))
        return client

    return enter


@pytest.mark.parametrize("pattern", list_routes(), ids=lambda pattern: pattern.name)
def test_whoever_is_not_signed_in_is_asked_to(client, db, pattern):
    names = pattern.pattern.converters
    arguments = {name: "1" if "int" in repr(kind).lower() else "x" for name, kind in names.items()}
    response = client.get(reverse(f"portal:{pattern.name}", kwargs=arguments))
    assert response.status_code == 302
    assert response.url.startswith(reverse("portal:sign_in"))


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/people/1/role/", "/people/1/"),
        ("/invites/1/withdraw/", "/invites/"),
        ("/imports/labels/1/", "/imports/"),
        ("/rules/conditions/", "/rules/"),
        ("/notices/read/", "/notices/"),
    ],
)
def test_who_signs_in_anew_to_send_a_form_is_led_to_its_page(sign_in, address, page):
    answer = sign_in(Role.SUPERUSER).get(address)
    assert (answer.status_code, answer.url) == (302, page)


def test_htmx_leaves_the_page_to_sign_in_and_comes_back_to_it(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/tasks/7/?a=1"}
    answer = client.post("/tasks/7/status/", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/sign-in/?next=/tasks/7/%3Fa%3D1"


@pytest.mark.parametrize("day", ["2026-02-31", "9999-12-31", "0001-01-01", "noon"])
@pytest.mark.parametrize("address", ["/calendar/?from=", "/my-day/?day=", "/history/?day="])
def test_what_is_no_day_is_not_asked_for(sign_in, address, day):
    assert sign_in(Role.SUPERUSER).get(f"{address}{day}").status_code == 200


@pytest.mark.parametrize("key", ["²", "9" * 30, "-1", "x"])
@pytest.mark.parametrize("address", ["/tasks/?house=", "/inventory/?house="])
def test_what_is_no_key_is_not_asked_for(sign_in, address, key):
    assert sign_in(Role.SUPERUSER).get(f"{address}{key}").status_code == 200


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_opens_whatever_the_navigation_shows(sign_in, role):
    browser = sign_in(role)
    page = browser.get(reverse("portal:home"), follow=True).content.decode()
    side = page[page.index('id="navigation"') : page.index('class="person"')]
    addresses = set(re.findall(r'href="(/[^"]*)"', side))
    assert addresses
    for address in addresses:
        assert browser.get(address, follow=True).status_code == 200, address


@pytest.mark.parametrize("route", ["profile", "password"])
def test_the_frame_asks_for_little(sign_in, django_assert_max_num_queries, route):
    browser = sign_in(Role.MANAGER)
    # The session, the person, the profile, the two queries of the access, and what waits: notices
    # that are not read, and conflicts of imports.
    with django_assert_max_num_queries(7):
        assert browser.get(reverse(f"portal:{route}")).status_code == 200


def test_a_page_runs_no_script_and_takes_no_style_that_is_written_into_it(sign_in):
    response = sign_in(Role.MANAGER).get(reverse("portal:profile"))
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)|https?://", page)


def test_a_person_reads_the_pages_in_the_own_language(sign_in):
    page = sign_in(Role.STAFF, language="de").get(reverse("portal:profile")).content.decode()
    assert '<html lang="de">' in page
    assert "Mein Profil" in page


def test_without_an_own_language_the_browsers_counts(client, db):
    page = client.get(reverse("portal:sign_in"), headers={"accept-language": "de"})
    assert "Anmelden" in page.content.decode()


def test_a_language_that_does_not_exist_is_passed_over(sign_in):
    page = sign_in(Role.STAFF, language="xx").get(reverse("portal:profile")).content.decode()
    assert '<html lang="en">' in page


def test_a_person_changes_the_own_profile(sign_in):
    browser = sign_in(Role.STAFF)
    values = {"language": "de", "time_zone": "Europe/Berlin", "phone": "1", "address": ""}
    response = browser.post(reverse("portal:profile"), values, follow=True)
    assert "Ihr Profil ist gespeichert." in response.content.decode()
    assert Profile.objects.get(language="de").time_zone == "Europe/Berlin"


def test_a_zone_that_does_not_exist_is_refused_beside_its_field(sign_in):
    values = {"language": "", "time_zone": "Moon/Crater"}
    page = sign_in(Role.STAFF).post(reverse("portal:profile"), values).content.decode()
    assert 'aria-invalid="true"' in page


def test_a_forgotten_password_is_set_by_the_link_of_the_mail(
    client, db, django_capture_on_commit_callbacks
):
    User.objects.create_user("ada", "ada@example.com", "the-old-one-1")
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("portal:forgotten"), {"email": "ada@example.com"})
    assert response.url == reverse("portal:mail_sent")
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    words = {"new_password1": "a-better-one-2", "new_password2": "a-better-one-2"}
    client.post(form.redirect_chain[-1][0], words)
    assert User.objects.get(username="ada").check_password("a-better-one-2")


def test_nobody_learns_who_has_an_account(client, db):
    response = client.post(reverse("portal:forgotten"), {"email": "nobody@example.com"})
    assert response.url == reverse("portal:mail_sent")
    assert mail.outbox == []


def test_a_page_that_is_not_there_says_so_in_the_frame(sign_in):
    response = sign_in(Role.STAFF).get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_failure_is_told_without_the_database(rf, db, django_assert_num_queries):
    from api.portal.errors import show_failure

    with django_assert_num_queries(0):
        response = show_failure(rf.get("/"))
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()


def test_signing_out_takes_a_form_of_our_own(sign_in):
    browser = sign_in(Role.STAFF)
    assert browser.get(reverse("portal:sign_out")).status_code == 405
    assert browser.post(reverse("portal:sign_out")).url == reverse("portal:sign_in")
