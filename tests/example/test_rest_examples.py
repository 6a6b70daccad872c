"""The conversation that the documentation shows, held with the API."""

import json
import re
from pathlib import Path

from rest_framework.test import APIClient

from api.models.auth import Role
from tests.example.rows import make_user

PAGE = Path(__file__).parents[2] / "docs" / "api" / "examples.md"


def read_exchanges():
    """Yield each request with its answer, as the page has them."""
    blocks = re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.S)
    assert len(blocks) % 2 == 0
    return zip(blocks[::2], blocks[1::2], strict=True)


def send(client, text):
    head, _, body = text.partition("\n\n")
    line, *headers = head.splitlines()
    method, address = line.split()
    return client.generic(
        method,
        address,
        body.strip(),
        "application/json",
        headers=dict(header.split(": ", 1) for header in headers),
    )


def assert_shown(shown, real):
    """Compare what the page shows with what there is, which may be more."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_shown(value, real[name])
    elif isinstance(shown, list):
        assert len(shown) == len(real)
        for one, other in zip(shown, real, strict=True):
            assert_shown(one, other)
    elif shown != "…":
        assert shown == real


def test_the_examples_of_the_documentation_are_what_the_api_does(db):
    manager = make_user(Role.MANAGER)
    manager.username = "manager"
    manager.set_password("tangerine-lake-77")
    manager.save()
    client, known = APIClient(), {}
    for request, answer in read_exchanges():
        for name, value in known.items():
            request = request.replace(f'"{{{name}}}"', str(value)).replace(
                f"{{{name}}}", str(value)
            )
        real = send(client, request)
        status, _, shown = answer.partition("\n\n")
        assert real.status_code == int(status), (request, real.content)
        if shown:
            assert_shown(json.loads(shown), real.json())
            known = {"token": real.json().get("token"), "house": real.json().get("id"), **known}
            known = {name: value for name, value in known.items() if value is not None}
