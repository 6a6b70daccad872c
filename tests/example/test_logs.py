"""The log tells each request once, as a line that a program can read, without secrets."""

import json
import logging
from io import StringIO
from secrets import token_urlsafe
from uuid import uuid4

import pytest
from django.http import Http404, HttpResponse
from django.urls import path

from api.models import Property
from api.operations.logs import JsonFormatter, LineFormatter, SecretPathFilter, build_logging
from django_modernize.audit import AuditEvent

CODE = "open-sesame-1234"


def answer(request, **parts):
    return HttpResponse("done")


def change(request):
    Property.objects.create(name="Heron")
    logging.getLogger("aristay.test").info("made a house", extra={"facts": {"house": "Heron"}})
    return HttpResponse("done")


def fail(request, **parts):
    raise ValueError("broken")


def miss(request, **parts):
    raise Http404


urlpatterns = [
    path("invite/<str:code>/", answer),
    path("lost/<str:token>/", miss),
    path("broken/<str:token>/", fail),
    path("change/", change),
]


@pytest.fixture
def log(settings):
    """Return what is logged, as JSON."""
    settings.ROOT_URLCONF = __name__
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(SecretPathFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


def find_request(lines):
    (line,) = [line for line in lines if line["logger"] == "aristay.request"]
    return line


@pytest.mark.django_db
def test_a_request_its_changes_and_its_answer_share_one_id(client, log, administrator):
    client.force_login(administrator)
    sent = str(uuid4())
    response = client.post("/change/", headers={"X-Request-ID": sent})
    line = find_request(log())
    assert response["X-Request-ID"] == line["request_id"] == sent
    assert str(AuditEvent.objects.get(object_type="api.property").request_id) == sent
    assert line["method"] == "POST"
    assert (line["status"], line["path"]) == (200, "/change/")
    assert line["user_id"] == administrator.pk
    assert 0 <= line["duration_ms"] < 60_000
    made = next(one for one in log() if one["logger"] == "aristay.test")
    assert (made["house"], made["request_id"]) == ("Heron", sent)


def test_an_id_that_is_no_uuid_is_not_taken_over(client, log):
    response = client.get("/invite/x/", headers={"X-Request-ID": "evil\\nline"})
    assert "evil" not in json.dumps(log())
    assert response["X-Request-ID"] == find_request(log())["request_id"]


def test_nobody_is_looked_up_for_the_log_alone(client, log):
    # The test has no access to a database.
    client.get("/invite/x/")
    assert find_request(log())["user_id"] is None


@pytest.mark.parametrize("page", ["invite", "lost", "broken"])
def test_secret_parts_of_an_address_and_queries_are_not_logged(client, log, page):
    client.raise_request_exception = False
    client.get(f"/{page}/{CODE}/", {"token": CODE})
    text = json.dumps(log())
    assert CODE not in text
    assert f"/{page}/***/" in text


@pytest.mark.parametrize("ending", ["/", ""])
def test_a_secret_part_is_not_logged_where_a_redirect_comes_before_the_page(
    client, log, settings, ending
):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(f"/invite/{CODE}{ending}").status_code == 301
    assert client.get(f"/invite/{CODE}{ending}", secure=True).status_code in (200, 301)
    assert CODE not in json.dumps(log())


def test_a_secret_is_not_logged_where_its_address_has_a_slip(client, log):
    secret = token_urlsafe(24)
    assert client.get(f"/invte/{secret}/").status_code == 404
    assert secret not in json.dumps(log())
    assert find_request(log())["path"] == "/invte/***/"


def test_a_failure_is_an_error_with_its_traceback(client, log):
    client.raise_request_exception = False
    client.get("/broken/x/")
    assert find_request(log())["level"] == "ERROR"
    assert any("ValueError: broken" in line.get("exception", "") for line in log())


def test_an_address_cannot_forge_a_line(client, log):
    client.get("/nothing/%0A%1B[31m2026 ERROR forged")
    assert "%0A%1B" in find_request(log())["message"]


def test_the_line_for_people_ends_with_the_beginning_of_the_requests_id(client, settings):
    settings.ROOT_URLCONF = __name__
    from django_modernize.context import change_context

    record = logging.LogRecord("a", logging.INFO, "f", 1, "hello %s", ("you",), None)
    request_id = uuid4()
    with change_context(request_id=request_id):
        assert LineFormatter().format(record).endswith(f"a hello you [{str(request_id)[:8]}]")
    assert LineFormatter().format(record).endswith("a hello you")


@pytest.mark.parametrize("form", ["json", "line"])
def test_either_form_can_be_configured(form):
    import logging.config

    built = build_logging(form=form, level="INFO")
    logging.config.DictConfigurator(built).configure_formatter(built["formatters"]["chosen"])
