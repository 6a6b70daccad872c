"""Each request stamps with its own user: at the same time, in threads, and while it streams."""

import asyncio
import tempfile
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth import get_user_model
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from django_modernize.context import get_context
from django_modernize.middleware import ChangeContextMiddleware
from tests.testapp.models import Parcel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def users():
    return [get_user_model().objects.create(username=name) for name in ("ann", "bob")]


def respond(view, user):
    request = RequestFactory().get("/")
    request.user = user
    return ChangeContextMiddleware(view)(request)


async def respond_async(view, user):
    request = AsyncRequestFactory().get("/")
    request.user = user
    return await ChangeContextMiddleware(view)(request)


def makers():
    return dict(Parcel.objects.values_list("code", "created_by__username"))


def test_two_async_requests_at_the_same_time_have_each_its_own_user(users):
    async def answer_both():
        both_started = asyncio.Barrier(2)

        async def view(request):
            await both_started.wait()
            await Parcel.objects.acreate(code=f"{request.user.username} by acreate")
            await both_started.wait()
            await sync_to_async(Parcel.objects.create)(code=f"{request.user.username} by thread")
            await both_started.wait()
            await asyncio.create_task(
                Parcel.objects.acreate(code=f"{request.user.username} by task")
            )
            return HttpResponse()

        await asyncio.gather(*(respond_async(view, user) for user in users))

    async_to_sync(answer_both)()
    assert makers() == {
        f"{name} by {way}": name for name in ("ann", "bob") for way in ("acreate", "thread", "task")
    }


def test_a_thread_that_an_async_view_starts_knows_the_user(users):
    seen = []

    async def view(request):
        await asyncio.to_thread(lambda: seen.append(get_context().actor_id))
        return HttpResponse()

    async_to_sync(respond_async)(view, users[0])
    assert seen == [users[0].pk]


def test_two_threads_serve_two_users(users):
    started = threading.Barrier(2)
    seen = {}

    def serve(user):
        def view(request):
            started.wait()
            seen[user.username] = get_context().actor
            started.wait()
            return HttpResponse()

        respond(view, user)

    threads = [threading.Thread(target=serve, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {user.username: user for user in users}


def test_rows_written_while_a_response_is_streamed_carry_its_user(users):
    def view(request):
        def parts():
            for code in "AB":
                Parcel.objects.create(code=code)
                yield code

        return StreamingHttpResponse(parts())

    stream = iter(respond(view, users[0]))
    assert next(stream) == b"A"
    assert get_context().actor is None
    assert list(stream) == [b"B"]
    assert makers() == {"A": "ann", "B": "ann"}


def test_rows_written_while_two_responses_are_streamed_in_turns_carry_each_its_user(users):
    async def view(request):
        async def parts():
            for number in range(2):
                await Parcel.objects.acreate(code=f"{request.user.username} {number}")
                yield "part"

        return StreamingHttpResponse(parts())

    async def stream_both():
        first, second = [aiter(await respond_async(view, user)) for user in users]
        for stream in (first, second, first, second):
            assert await anext(stream) == b"part"
            assert get_context().actor is None
        assert [part async for part in first] == []

    async_to_sync(stream_both)()
    assert makers() == {"ann 0": "ann", "ann 1": "ann", "bob 0": "bob", "bob 1": "bob"}


def test_a_streamed_response_is_closed_with_what_makes_it(users):
    closed = []

    def parts():
        try:
            yield "part"
            yield "never asked for"
        finally:
            closed.append(get_context().actor)

    response = respond(lambda request: StreamingHttpResponse(parts()), users[0])
    assert next(iter(response)) == b"part"
    response.close()
    assert len(closed) == 1


def test_a_file_is_left_to_the_server(users):
    with tempfile.TemporaryFile() as file:
        file.write(b"content")
        file.seek(0)
        response = respond(lambda request: FileResponse(file), users[0])
        assert response.file_to_stream is file
        assert b"".join(response) == b"content"


def test_a_request_that_writes_nothing_looks_no_user_up():
    class Watched:
        is_authenticated = property(lambda self: pytest.fail("looked the user up"))

    request = RequestFactory().get("/")
    request.user = Watched()

    def view(request):
        list(Parcel.objects.all())
        Parcel.objects.count()
        return HttpResponse()

    assert ChangeContextMiddleware(view)(request).status_code == 200
