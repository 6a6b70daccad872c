"""What the API's document allows, and what it does not, sent by every role and by nobody.

A few examples a role are quick; ``ARISTAY_FUZZ_EXAMPLES=2000`` looks for longer, at random.
"""

import os

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Request
from rest_framework.test import APIClient
from schemathesis import GenerationMode, Response, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import models
from api.models.auth import Role
from api.rest.urls import router
from api.services.accounts import issue_token
from tests.example.rows import Corner, make_user

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = int(os.environ.get("ARISTAY_FUZZ_EXAMPLES", "0"))
SETTINGS = {
    "max_examples": EXAMPLES or 20,
    "derandomize": not EXAMPLES,
    "deadline": None,
    "database": None,
    "suppress_health_check": [*HealthCheck],
}
# Changes that end what the other examples need.
LEFT_OUT = {"auth_log_out_create", "auth_log_out_everywhere_create", "auth_rotate_create"}


@pytest.fixture(scope="module")
def document():
    """Return the document as it is served."""
    return openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


@pytest.fixture
def rows(db, settings, tmp_path):
    """Return a row of each table by the prefix of its endpoints, in a house of the caller's."""
    settings.MEDIA_ROOT = tmp_path
    settings.ALLOWED_HOSTS = ["*"]

    def make(person):
        house = models.Property.objects.create(name="Owl")
        corner = Corner(house, worker=person)
        models.PropertyOwnership.objects.create(property=house, user=person)
        return {
            prefix: house.pk if view.model is models.Property else corner.make(view.model).pk
            for prefix, view, _ in router.registry
        }

    return make


def send_case(case, headers):
    """Send a request in this very process, where an error of ours is raised as it is."""
    asked = Request(**case.as_transport_kwargs(base_url="http://testserver", headers=headers))
    request = asked.prepare()
    sent = APIClient().generic(
        request.method,
        request.path_url,
        request.body or b"",
        request.headers.get("Content-Type", ""),
        headers={
            name: value for name, value in request.headers.items() if name != "Content-Length"
        },
    )
    return Response(
        status_code=sent.status_code,
        headers={name.lower(): [value] for name, value in sent.headers.items()},
        content=sent.getvalue(),
        request=request,
        elapsed=0.0,
        verify=False,
    )


def use_stored_rows(case, keys):
    """Put keys of rows that there are in the place of invented ones."""
    prefix = case.operation.path.split("/")[3]
    if "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = str(keys[prefix])
    if isinstance(case.body, dict):
        for name in KEYS.keys() & case.body.keys():
            case.body[name] = keys[KEYS[name]]


KEYS = {
    "property": "properties",
    "user": "people",
    "booking": "bookings",
    "task": "tasks",
    "item": "inventory-items",
    "category": "inventory-categories",
}


@pytest.mark.parametrize("role", [None, *Role])
def test_no_answer_is_an_error_of_ours_or_breaks_the_document(document, rows, role):
    person = make_user(role or Role.VIEWER)
    keys = rows(person)
    headers = {"Authorization": f"Token {issue_token(person)[1]}"} if role else {}

    @settings(**SETTINGS)
    @given(case=st.one_of(map(document.as_strategy, GenerationMode)), stored=st.booleans())
    def send(case, stored):
        if case.operation.definition.raw["operationId"] in LEFT_OUT:
            return
        if stored:
            use_stored_rows(case, keys)
        with transaction.atomic():
            answer = send_case(case, headers)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    send()
