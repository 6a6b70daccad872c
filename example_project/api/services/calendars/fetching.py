"""Fetches a calendar from a URL that a person entered, and never from the internal network.

The name is resolved once, every resulting address has to be public, and the connection goes
to that very address, so that a name that resolves differently later gains nothing. Redirects
are checked in the same way.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv6Address, ip_address
from threading import Timer
from time import monotonic
from typing import Final
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext_noop as _

from api.models.import_reasons import Saying

__all__ = ["CalendarFetcher", "CalendarUnreachable", "FetchedCalendar"]

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_REDIRECTS: Final = 3
MAX_SECONDS: Final = 20.0
SOCKET_SECONDS: Final = 5.0
PIECE: Final = 64 * 1024
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
HTTPS_PORT: Final = 443

Resolve = Callable[[str], Iterable[str]]
Connect = Callable[[str, str, float], HTTPConnection]


class CalendarUnreachable(Exception):
    """The calendar could not be fetched.

    Args:
        code: A stable word for the reason.
        saying: What happened, as a sentence; it does not hold the address, which is a secret.
    """

    def __init__(self, code: str, saying: Saying | str) -> None:
        super().__init__(saying)
        self.code = code
        self.saying = Saying(saying) if isinstance(saying, str) else saying

    def __str__(self) -> str:
        return str(self.saying)


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedCalendar:
    """The response of a URL."""

    content: bytes | None
    """The calendar; nothing where it did not change since."""
    etag: str = ""
    """What tells the server the next time which version is known."""


def resolve_name(host: str) -> list[str]:
    """Return the IP addresses of a host.

    Raises:
        OSError: It has none.
    """
    found = socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


def connect_securely(host: str, address: str, seconds: float) -> HTTPConnection:
    """Return a connection to one IP address, with the certificate checked against the host."""
    return _PinnedConnection(host, address, seconds)


class _PinnedConnection(HTTPSConnection):
    """Connects to one IP address, whatever the name resolves to by now."""

    def __init__(self, host: str, address: str, seconds: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, HTTPS_PORT, timeout=seconds, context=self._tls)
        self._address = address

    def connect(self) -> None:
        """Open the connection; a shutdown from another thread finds the socket from the start."""
        plain = socket.create_connection((self._address, HTTPS_PORT), self.timeout)
        self.sock = self._tls.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()


@contextmanager
def shutting_after(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Shut a connection that lasts too long, however slowly the other side sends.

    A timeout of the socket begins anew with each byte.
    """
    timer = Timer(seconds, shut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def shut(connection: HTTPConnection) -> None:
    """Shut a connection down, from another thread."""
    # It may be closed already, or never have been opened.
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


class CalendarFetcher:
    """Fetches calendars under limits of size, time and place.

    Args:
        resolve: Gives the addresses of a host.
        connect: Opens a connection to an address.
        max_bytes: How long a calendar may be.
        max_seconds: How long all of it may take.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = resolve_name,
        connect: Connect = connect_securely,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        self.resolve = resolve
        self.connect = connect
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds

    def fetch(self, url: str, *, etag: str = "") -> FetchedCalendar:
        """Return the calendar at a URL.

        Raises:
            CalendarUnreachable: It is no public https address, does not answer in time, answers
                with an error, or gives too much.
        """
        ends_at = monotonic() + self.max_seconds
        for _attempt in range(MAX_REDIRECTS + 1):
            try:
                answer = self._ask(url, etag, ends_at)
            except (OSError, HTTPException, ValueError) as error:
                text = _("The server cannot be reached (%(error)s).")
                said = Saying(text, {"error": type(error).__name__})
                raise CalendarUnreachable("unreachable", said) from error
            if isinstance(answer, FetchedCalendar):
                return answer
            url = urljoin(url, answer)
        raise CalendarUnreachable("redirects", _("The address leads from one to another."))

    def _ask(self, url: str, etag: str, ends_at: float) -> FetchedCalendar | str:
        """Return the calendar, or the URL of a redirect."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or not host or parts.port not in {None, HTTPS_PORT}:
            raise CalendarUnreachable("not_https", _("The address does not begin with https://."))
        if parts.username or parts.password:
            raise CalendarUnreachable("credentials", _("The address holds a name or a password."))
        address = self._choose_address(host)
        target = parts.path or "/"
        headers = {"Host": host, "Accept": "text/calendar", "User-Agent": "AriStay"}
        if etag:
            headers["If-None-Match"] = etag
        left = ends_at - monotonic()
        refuse_late(ends_at)
        connection = self.connect(host, address, min(SOCKET_SECONDS, left))
        try:
            with shutting_after(connection, left):
                connection.request(
                    "GET", f"{target}?{parts.query}" if parts.query else target, headers=headers
                )
                with connection.getresponse() as answer:
                    return self._read_answer(answer, ends_at)
        except (OSError, HTTPException, ValueError):
            refuse_late(ends_at)
            raise
        finally:
            connection.close()

    def _choose_address(self, host: str) -> str:
        addresses = list(self.resolve(host))
        if not addresses or not all(map(is_public, addresses)):
            raise CalendarUnreachable(
                "not_public", _("The address is not one of the open internet.")
            )
        return addresses[0]

    def _read_answer(self, answer: HTTPResponse, ends_at: float) -> FetchedCalendar | str:
        refuse_late(ends_at)
        if answer.status in REDIRECTS:
            return answer.headers.get("Location", "")
        if answer.status == 304:
            return FetchedCalendar(content=None)
        if answer.status != 200:
            said = Saying(_("The server answers with %(status)d."), {"status": answer.status})
            raise CalendarUnreachable("status", said)
        pieces: list[bytes] = []
        size = 0
        while piece := answer.read1(PIECE):
            size += len(piece)
            if size > self.max_bytes:
                raise CalendarUnreachable("too_large", _("The calendar is too large."))
            pieces.append(piece)
            refuse_late(ends_at)
        # A connection that was shut down did not end the calendar.
        refuse_late(ends_at)
        return FetchedCalendar(content=b"".join(pieces), etag=read_etag(answer))


def refuse_late(ends_at: float) -> None:
    """Give up on a server that has used up its time.

    Raises:
        CalendarUnreachable: It has.
    """
    if monotonic() > ends_at:
        raise CalendarUnreachable("too_slow", _("The server takes too long."))


def read_etag(answer: HTTPResponse) -> str:
    """Return the server's ETag, or an empty string if it could not be stored or sent."""
    text: str = answer.headers.get("ETag", "")[:200]
    return text if text.isascii() and text.isprintable() else ""


def is_public(text: str) -> bool:
    """Return whether an address is public.

    >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    # A zone, as in fe80::1%eth0, is local to this machine.
    if "%" in text:
        return False
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            return is_public(str(inner))
        # 64:ff9b::/96 is translated to an IPv4 address.
        if address.packed[:12] == bytes.fromhex("0064ff9b0000000000000000"):
            return is_public(str(ip_address(address.packed[12:])))
    return address.is_global and not address.is_multicast
