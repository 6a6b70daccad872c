"""Somebody who uses AriStay, for locust, and what is noted of each request."""

import json
import os
import random
import re
import time
from collections import Counter
from http.cookiejar import DefaultCookiePolicy
from itertools import cycle
from pathlib import Path
from typing import Any, ClassVar, Final

from locust import HttpUser, between, events

from .counting import STATEMENTS

__all__ = ["API", "FAILURES", "FOLDER", "PASSWORD", "Visitor"]

FOLDER: Final = Path(os.environ["LOAD_FOLDER"])
PASSWORD: Final = os.environ["ARISTAY_DEMO_PASSWORD"]
NAMES: Final = {
    kind: cycle(names) for kind, names in json.loads((FOLDER / "people.json").read_text()).items()
}
ADDRESSES: Final = cycle(f"198.51.100.{number}" for number in range(1, 255))
API: Final = "/api/v1"
TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
# Cookies are for HTTPS alone, and the proxy that ends it is made up. There is no jar to ask: each
# request makes its own.
DefaultCookiePolicy.return_ok_secure = lambda *_: True  # type: ignore[method-assign]

SAMPLES: Final[dict[str, list[tuple[float, int]]]] = {}
"""By kind of request, how long each took in milliseconds, and how many statements."""

FAILURES: Final[list[str]] = []
COUNTS: Final = Counter[str]()
MOMENTS: Final[list[float]] = []
"""When everybody had come."""

SIGN_INS: Final = {"sign-in page", "sign in", "API: log in"}


@events.request.add_listener
def note_request(
    name: str, response_time: float, response: Any = None, exception: Any = None, **_: Any
) -> None:
    """Keep what a request cost; a redirect that was followed belongs to it."""
    COUNTS["sent"] += 1
    if exception is not None:
        FAILURES.append(f"{name}: {exception}")
        return
    answers = [*response.history, response]
    statements = sum(int(one.headers.get(STATEMENTS, 0)) for one in answers)
    SAMPLES.setdefault(name, []).append((response_time, statements))


@events.spawning_complete.add_listener
def begin_to_measure(**_: Any) -> None:
    """Forget what the first ones found in processes that had just started; sign-ins stay."""
    for name in SAMPLES.keys() - SIGN_INS:
        del SAMPLES[name]
    MOMENTS.append(time.monotonic())


@events.test_stop.add_listener
def write_samples(**_: Any) -> None:
    """Leave what was measured to the process that started this one."""
    seconds = time.monotonic() - (MOMENTS or [time.monotonic()])[0]
    measured = {
        "samples": SAMPLES,
        "failures": FAILURES,
        "seconds": seconds,
        "all_count": COUNTS["sent"],
    }
    (FOLDER / "samples.json").write_text(json.dumps(measured))


class Visitor(HttpUser):
    """Somebody with a browser or a program.

    Everybody comes through a proxy that ends HTTPS, from an address of the own, and pauses between
    two steps as long as somebody who reads.
    """

    abstract = True
    kind: ClassVar[str]
    wait_time = between(1, 3)

    def on_start(self) -> None:
        """Take a name, and come from somewhere."""
        self.name = next(NAMES[self.kind])
        self.client.headers.update(
            {
                "X-Forwarded-Proto": "https",
                "X-Forwarded-For": next(ADDRESSES),
                "Referer": f"{self.host.replace('http:', 'https:')}/",
                "Accept-Language": random.choice(["en", "de"]),
            }
        )
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in as people do."""
        form = self.ask("sign-in page", "GET", "/sign-in/")
        fields = {"username": self.name, "password": PASSWORD, "csrfmiddlewaretoken": ""}
        if found := TOKEN.search(form.text):
            fields["csrfmiddlewaretoken"] = found[1]
        home = self.ask("sign in", "POST", "/sign-in/", data=fields)
        if "/sign-in" in home.url:
            raise ValueError(f"{self.name} could not sign in")

    def ask(
        self, name: str, method: str, path: str, expected: tuple[int, ...] = (200,), **options: Any
    ) -> Any:
        """Send a request and return its answer; another status than expected is a failure."""
        if method != "GET" and "csrftoken" in self.client.cookies:
            token = {"X-CSRFToken": self.client.cookies["csrftoken"]}
            options["headers"] = token | options.get("headers", {})
        arguments = {"name": name, "catch_response": True, **options}
        with self.client.request(method, path, **arguments) as answer:
            if answer.status_code in expected:
                answer.success()
            else:
                answer.failure(f"{answer.status_code} {answer.reason or answer.error}")
        return answer

    def find_numbers(self, page: Any, pattern: str) -> list[int]:
        """Return the numbers in the addresses of a page."""
        return sorted({int(found) for found in re.findall(pattern, page.text)})
