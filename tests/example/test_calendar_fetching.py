"""Calendars are fetched from public addresses alone, however they are named."""

import socket
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

import pytest

from api.services.calendars import (
    CalendarFetcher,
    CalendarUnreachable,
    fetching,
)
from api.services.calendars.fetching import is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_asked(address, public):
    assert is_public(address) is public


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "https://inside.example/x")
            self.end_headers()
        elif self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
        elif self.path == "/same":
            same = self.headers.get("If-None-Match") == '"1"'
            self.send_response(304 if same else 200)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", "0" if same else "2")
            self.end_headers()
            self.wfile.write(b"" if same else b"ok")
        elif self.path == "/unprintable":
            self.send_response(200)
            self.send_header("ETag", '"1\x00"')
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")
        elif self.path == "/drops":
            # A line without end: each byte comes in good time.
            with suppress(OSError):
                while True:
                    self.wfile.write(b"X")
                    sleep(0.02)
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 5_000)
        else:
            self.send_response(500)
            self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def fetcher():
    """Return a fetcher that asks a server of this machine in place of the open internet."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    names = {"public.example": ["93.184.215.14"], "inside.example": ["93.184.215.14", "10.0.0.1"]}
    yield CalendarFetcher(
        resolve=lambda host: names[host],
        connect=lambda host, address, seconds: HTTPConnection(
            *server.server_address, timeout=seconds
        ),
        max_bytes=1_000,
    )
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://public.example/same", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("https://public.example:8443/same", "not_https"),
        ("https://me:word@public.example/same", "credentials"),
        ("https://inside.example/same", "not_public"),
        ("https://public.example/moved", "not_public"),
        ("https://public.example/loop", "redirects"),
        ("https://public.example/large", "too_large"),
        ("https://public.example/error", "status"),
    ],
)
def test_an_address_is_refused_with_its_own_reason(fetcher, url, code):
    with pytest.raises(CalendarUnreachable) as raised:
        fetcher.fetch(url)
    assert raised.value.code == code


def test_a_server_that_takes_too_long_is_left(fetcher):
    fetcher.max_seconds = -1
    with pytest.raises(CalendarUnreachable) as raised:
        fetcher.fetch("https://public.example/same")
    assert raised.value.code == "too_slow"


def test_a_server_that_takes_too_long_to_send_is_left(fetcher, monkeypatch):
    moments = iter([0.0, 0.0, 0.0])
    monkeypatch.setattr(fetching, "monotonic", lambda: next(moments, 1_000.0))
    with pytest.raises(CalendarUnreachable) as raised:
        fetcher.fetch("https://public.example/same")
    assert raised.value.code == "too_slow"


def test_a_server_that_sends_byte_by_byte_is_left(fetcher):
    fetcher.max_seconds = 0.3
    with pytest.raises(CalendarUnreachable) as raised:
        fetcher.fetch("https://public.example/drops")
    assert raised.value.code == "too_slow"


def test_a_version_that_cannot_be_stored_is_none(fetcher):
    assert fetcher.fetch("https://public.example/unprintable").etag == ""


def test_a_certificate_is_asked_for_by_the_name_whatever_the_address(monkeypatch):
    heard = []

    def answer():
        with server.accept()[0] as asking:
            heard.append(asking.recv(4_096))
            asking.sendall(b"HTTP/1.1 200 OK\r\n\r\nin the clear")

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(fetching, "HTTPS_PORT", server.getsockname()[1])
        listening = Thread(target=answer)
        listening.start()
        fetcher = CalendarFetcher(resolve=lambda host: ["93.184.215.14"], connect=ask_here)
        with pytest.raises(CalendarUnreachable):
            fetcher.fetch("https://public.example/same")
        listening.join()
    assert b"public.example" in heard[0]


def ask_here(host, address, seconds):
    assert address == "93.184.215.14"
    return fetching.connect_securely(host, "127.0.0.1", seconds)


def test_a_calendar_that_did_not_change_is_not_sent_again(fetcher):
    first = fetcher.fetch("https://public.example/same")
    assert (first.content, first.etag) == (b"ok", '"1"')
    assert fetcher.fetch("https://public.example/same", etag=first.etag).content is None
