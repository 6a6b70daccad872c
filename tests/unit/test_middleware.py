"""A request's user, source, id, address and browser become the context of its changes."""

import asyncio
import uuid

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory, override_settings

from django_modernize.context import get_context
from django_modernize.middleware import ChangeContextMiddleware
from tests.testapp.models import Person


def respond(request):
    """Send a request; return the context that its view saw, and the answer."""
    seen = []

    def view(request):
        request.user = Person(pk=5, username="late")
        seen.append(get_context())
        return HttpResponse()

    response = ChangeContextMiddleware(view)(request)
    return seen[0], response


def test_a_user_who_becomes_known_in_the_view_is_the_actor():
    context, _ = respond(RequestFactory().get("/"))
    assert (context.actor_id, context.actor_label) == (5, "late")


def test_the_context_tells_address_browser_and_source():
    request = RequestFactory().get("/", headers={"user-agent": "Browser"}, REMOTE_ADDR="10.1.1.1")
    context, _ = respond(request)
    assert (context.ip_address, context.user_agent, context.source) == (
        "10.1.1.1",
        "Browser",
        "manual",
    )


def test_the_context_is_gone_after_the_response():
    respond(RequestFactory().get("/"))
    assert get_context().request_id is None


def test_a_request_id_that_is_a_uuid_is_taken_over_and_answered():
    request_id = uuid.uuid4()
    context, response = respond(
        RequestFactory().get("/", headers={"x-request-id": str(request_id)})
    )
    assert context.request_id == request_id
    assert response.headers["X-Request-ID"] == str(request_id)


def test_any_other_request_id_is_replaced():
    context, response = respond(RequestFactory().get("/", headers={"x-request-id": "'; DROP"}))
    assert response.headers["X-Request-ID"] == str(context.request_id)


@override_settings(
    MODERNIZE={"REQUEST_SOURCES_BY_PREFIX": {"/api/": "api", "/api/import/": "excel_import"}}
)
@pytest.mark.parametrize(
    ("path", "source"),
    [("/", "manual"), ("/api/x", "api"), ("/api/import/", "excel_import"), ("/apis", "manual")],
)
def test_the_longest_prefix_gives_the_source(path, source):
    assert respond(RequestFactory().get(path))[0].source == source


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "unknown", None),
    ],
)
def test_only_what_trusted_proxies_forward_is_believed(trusted, forwarded, address):
    request = RequestFactory().get(
        "/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="10.0.0.9"
    )
    with override_settings(MODERNIZE={"TRUSTED_PROXY_COUNT": trusted}):
        assert respond(request)[0].ip_address == address


def test_a_socket_without_an_address_is_no_error():
    assert respond(RequestFactory().get("/", REMOTE_ADDR=""))[0].ip_address is None


def test_async_requests_have_each_their_own_user():
    async def view(request):
        await asyncio.sleep(0)
        request.user = Person(pk=int(request.path[1:]), username="x")
        await asyncio.sleep(0)
        return HttpResponse(str(get_context().actor_id))

    async def respond_to_all():
        middleware = ChangeContextMiddleware(view)
        requests = [AsyncRequestFactory().get(f"/{number}") for number in range(1, 6)]
        return await asyncio.gather(*(middleware(request) for request in requests))

    answers = asyncio.run(respond_to_all())
    assert [answer.content for answer in answers] == [b"1", b"2", b"3", b"4", b"5"]
    assert all("X-Request-ID" in answer.headers for answer in answers)


def test_what_is_streamed_after_the_view_still_runs_in_the_requests_context():
    def stream():
        for _ in range(2):
            yield f"{get_context().actor_id} "

    def view(request):
        request.user = Person(pk=5, username="ann")
        return StreamingHttpResponse(stream())

    response = ChangeContextMiddleware(view)(RequestFactory().get("/"))
    seen_between = []
    parts = [(part, seen_between.append(get_context().actor_id)) for part in response]
    assert b"".join(part for part, _ in parts) == b"5 5 "
    assert seen_between == [None, None]
    assert "X-Request-ID" in response.headers


def test_what_is_streamed_asynchronously_still_runs_in_the_requests_context():
    async def stream():
        for _ in range(2):
            await asyncio.sleep(0)
            yield f"{get_context().actor_id} "

    async def view(request):
        request.user = Person(pk=5, username="ann")
        return StreamingHttpResponse(stream())

    async def respond():
        response = await ChangeContextMiddleware(view)(AsyncRequestFactory().get("/"))
        return [(bytes(part), get_context().actor_id) async for part in response]

    assert asyncio.run(respond()) == [(b"5 ", None), (b"5 ", None)]


# The end of a response looks after the connections that are open.
@pytest.mark.django_db
def test_a_stream_that_is_closed_early_closes_what_it_came_from():
    closed = []

    def stream():
        try:
            yield "first"
            yield "second"
        finally:
            closed.append(True)

    response = ChangeContextMiddleware(lambda _: StreamingHttpResponse(stream()))(
        RequestFactory().get("/")
    )
    assert next(iter(response)) == b"first"
    response.close()
    assert closed == [True]


# The end of a response looks after the connections that are open.
@pytest.mark.django_db
def test_a_file_is_left_for_the_server_to_send(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("content")
    response = ChangeContextMiddleware(lambda _: FileResponse(path.open("rb")))(
        RequestFactory().get("/")
    )
    assert response.file_to_stream is not None
    assert b"".join(response) == b"content"
    response.close()


def test_a_browser_that_sends_half_a_character_is_no_error():
    context, _ = respond(RequestFactory().get("/", headers={"user-agent": "Odd \ud83d\x00"}))
    assert context.user_agent == "Odd ?"
