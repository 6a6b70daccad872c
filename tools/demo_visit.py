"""Look at the running demo as its people would: sign in, and open the pages of their work."""

import re
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

SIGN_IN = "sign-in/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
VISITS = {
    "admin": {
        "admin/api/booking/": r"\b[1-9]\d* bookings?\b",
        "admin/modernize_audit/auditevent/": r"\b[1-9]\d* audit events?\b",
        "recycle-bin/": r"/recycle-bin/\w+/\d+/",
        "calendar/": "Juniper House",
    },
    "maria": {"overview/": "<main", "houses/": "Cedar Cottage", "bookings/": "<main"},
    "anna": {"my-day/": "Pre-arrival Cleaning", "tasks/": "Pre-arrival Cleaning"},
    "olga": {"houses/": "<main", "bookings/": "<main"},
}
"""What each person looks at, and what has to be there to see."""


def read_page(visitor: OpenerDirector, address: str, **fields: str) -> str:
    """Return a page, fetched with ``fields`` posted if there are any."""
    data = urlencode(fields).encode() if fields else None
    with visitor.open(address, data, timeout=30) as answer:
        return str(answer.read().decode())


def sign_in(address: str, username: str, password: str) -> OpenerDirector:
    """Return a visitor who has signed in.

    Raises:
        HTTPError: for a page that is refused, missing or broken.
    """
    visitor = build_opener(HTTPCookieProcessor(CookieJar()))
    form = read_page(visitor, f"{address}{SIGN_IN}")
    fields = {"username": username, "password": password}
    if token := TOKEN.search(form):
        fields["csrfmiddlewaretoken"] = token[1]
    read_page(visitor, f"{address}{SIGN_IN}", **fields)
    return visitor


def list_lacks(address: str, username: str, password: str) -> list[str]:
    """Return what a person does not see of what should be there."""
    visitor = sign_in(address, username, password)
    return [
        f"{username} does not see “{wanted}” at {address}{page}"
        for page, wanted in VISITS[username].items()
        if not re.search(wanted, read_page(visitor, f"{address}{page}"))
    ]


def visit_pages(address: str, password: str) -> int:
    """Look at the pages of each role.

    Returns:
        The exit status: 0 if everybody sees what there is for them.
    """
    try:
        lacks = [lack for name in VISITS for lack in list_lacks(address, name, password)]
    except HTTPError as error:
        print(f"{error.url} answered {error.code} {error.reason}", file=sys.stderr)
        return 1
    for lack in lacks:
        print(lack, file=sys.stderr)
    if not lacks:
        count = sum(map(len, VISITS.values()))
        print(f"{', '.join(VISITS)} signed in and saw {count} pages")
    return int(bool(lacks))
