"""The headers ``ETag``, ``If-Match`` and ``If-None-Match``, against lost updates."""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.http import HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags, quote_etag
from rest_framework import exceptions, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from .problems import InvalidParameter

__all__ = ["HEADER", "RowChanged", "VersionMixin", "is_conditional", "require_match"]

HEADER: Final = "If-Match"

if TYPE_CHECKING:
    from rest_framework.views import APIView
else:
    APIView = object


class RowChanged(exceptions.APIException):
    """The row has changed since the caller read it (412)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "row_changed"
    default_detail = (
        "Somebody changed this since you read it, and nothing of yours was stored. "
        "Read it again, decide anew, and send your change with the ETag that it has now."
    )


class VersionMixin(APIView):
    """Adds the version of the row to a response, and answers 304 if the client has it already.

    Put it before ``APIView`` or a view set whose ``serializer_class`` shows a row. A version is
    computed from the representation, so that it costs no query, works for every table, and covers
    the values of other rows in it.
    """

    serializer_class: ClassVar[Any]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the response with its version."""
        answer: Any = super().finalize_response(request, response, *args, **kwargs)
        data: Any = getattr(answer, "data", None)
        if not status.is_success(answer.status_code) or not self.shows_row(data):
            return answer
        answer["ETag"] = self.find_version(data)
        if request.method not in SAFE_METHODS:
            return answer
        found = get_conditional_response(request._request, etag=answer["ETag"], response=answer)
        return found if isinstance(found, HttpResponseNotModified) else answer

    def shows_row(self, data: Any) -> bool:
        """Return whether a response represents a row, as a replayed one may."""
        names = list_shown(type(self).serializer_class)
        return isinstance(data, Mapping) and names <= data.keys()

    def find_version(self, data: Mapping[str, Any]) -> str:
        """Return the version of a row, computed from its representation."""
        shown = {name: data[name] for name in list_shown(type(self).serializer_class)}
        text = json.dumps(shown, sort_keys=True, cls=JSONEncoder)
        return quote_etag(sha256(text.encode()).hexdigest()[:32])


def is_conditional(request: Request) -> bool:
    """Return whether a change applies to one version of its row only."""
    return HEADER in request.headers and request.method not in SAFE_METHODS


def require_match(request: Request, version: str) -> None:
    """Refuse a change that applies to another version of the row.

    Args:
        request: A conditional request, in the transaction that makes the change.
        version: The version of the locked row.

    Raises:
        InvalidParameter: The header names no version.
        RowChanged: It names another version.
    """
    wanted = parse_etags(request.headers[HEADER])
    if not wanted:
        # Not the same as no header: a caller who gets a success has to be protected.
        raise InvalidParameter(HEADER, 'It is the ETag of an answer, in its quotes: "1f…", or *.')
    # A proxy that compresses weakens the version, which still identifies the row.
    if not {"*", version} & {one.removeprefix("W/") for one in wanted}:
        raise RowChanged


@cache
def list_shown(serializer_class: Any) -> frozenset[str]:
    """Return the names of the fields that a serializer outputs."""
    fields = serializer_class().fields
    return frozenset(name for name, field in fields.items() if not field.write_only)
