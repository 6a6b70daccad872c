"""Look at the running demo as the administrator would: log in, open the list of bookings."""

import re
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

LOGIN = "admin/login/"
BOOKINGS = "admin/api/booking/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
COUNT = re.compile(r"(\d+) bookings?\b")


def read_page(visitor: OpenerDirector, address: str, **fields: str) -> str:
    """Return a page, fetched with ``fields`` posted if there are any."""
    data = urlencode(fields).encode() if fields else None
    with visitor.open(address, data, timeout=30) as answer:
        return str(answer.read().decode())


def count_bookings(address: str, username: str, password: str) -> str | None:
    """Log in and return how many bookings the list says there are, as in ``7 bookings``.

    Raises:
        HTTPError: for a page that is refused, missing or broken.
    """
    visitor = build_opener(HTTPCookieProcessor(CookieJar()))
    form = read_page(visitor, f"{address}{LOGIN}")
    login = {"username": username, "password": password, "next": f"/{BOOKINGS}"}
    if token := TOKEN.search(form):
        login["csrfmiddlewaretoken"] = token[1]
    count = COUNT.search(read_page(visitor, f"{address}{LOGIN}", **login))
    return count[0] if count else None


def visit_pages(address: str, username: str, password: str) -> int:
    """Look at the list of bookings.

    Returns:
        The exit status: 0 if the administrator sees any.
    """
    try:
        count = count_bookings(address, username, password)
    except HTTPError as error:
        print(f"{error.url} answered {error.code} {error.reason}", file=sys.stderr)
        return 1
    if count is None or count.startswith("0 "):
        print("The administrator sees no bookings.", file=sys.stderr)
        return 1
    print(f"The administrator logged in and sees {count}")
    return 0
