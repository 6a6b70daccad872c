"""The header ``Idempotency-Key``: a change that is sent twice is made once."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.services.idempotency import Answer, KeyInUse, KeyReused, answer_once, list_parts

from .problems import PROBLEM_TYPE, InvalidParameter

__all__ = ["HEADER", "KEY_PATTERN", "answer_with_key"]

HEADER: Final = "Idempotency-Key"
KEY_PATTERN: Final = "^[!-~]{1,200}$"
LONGEST_KEY: Final = 200


class KeyInUseProblem(exceptions.APIException):
    """The same request is being processed (409)."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_in_use"
    default_detail = "The same request is being carried out. Send it again in a moment."


class KeyReusedProblem(exceptions.APIException):
    """The key was used for another request (422)."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This key was sent with another request. Make a new key for each request."


def answer_with_key(request: Request, answer: Callable[[], Response]) -> Response:
    """Process a request that carries a key.

    Args:
        request: The request of a signed-in user.
        answer: Processes it; raises, or returns an error response, if it is refused.

    Raises:
        InvalidParameter: The key is empty, too long or not printable.
        KeyInUseProblem: The same request is being processed.
        KeyReusedProblem: The key belongs to another request.
    """
    key = request.headers[HEADER]
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidParameter(HEADER, f"It has 1 to {LONGEST_KEY} printable characters.")

    def make_answer() -> Answer:
        response = answer()
        body = "" if response.data is None else JSONRenderer().render(response.data).decode()
        return Answer(status_code=response.status_code, body=body)

    try:
        kept = answer_once(request.user, key, hash_request(request), make_answer)
    except KeyInUse as error:
        raise KeyInUseProblem from error
    except KeyReused as error:
        raise KeyReusedProblem from error
    headers = {"Idempotency-Replayed": "true"} if kept.is_repeated else {}
    body = json.loads(kept.body) if kept.body else None
    kind = PROBLEM_TYPE if kept.status_code >= status.HTTP_400_BAD_REQUEST else None
    return Response(body, kept.status_code, headers=headers, content_type=kind)


def hash_request(request: Request) -> str:
    """Return a digest that identifies a request: its method, its URL and its body."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for part in read_parts(request):
        digest.update(part)
    return digest.hexdigest()


def read_parts(request: Request) -> Iterator[bytes]:
    """Yield the parts of a request; files in chunks, so that none is held in memory."""
    if not str(request.content_type).startswith("multipart/"):
        yield json.dumps(request.data, sort_keys=True).encode()
        return
    yield from list_parts(request.POST, request.FILES)
