"""The headers ``ETag``, ``If-Match`` and ``If-None-Match``: nobody undoes what was never read."""

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
    """The row is another than the caller read (412)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "row_changed"
    default_detail = (
        "Somebody changed this since you read it, and nothing of yours was stored. "
        "Read it again, decide anew, and send your change with the ETag that it has now."
    )


class VersionMixin(APIView):
    """Names the version of the row that an answer shows, and answers 304 to who has it already.

    Put it before ``APIView`` or a view set, whose ``serializer_class`` shows a row. A version is
    what the answer says of the row, so that it costs no query and holds for every table, what is
    told of other rows included.
    """

    serializer_class: ClassVar[Any]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the answer with its version."""
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
        """Tell whether an answer shows a row, as the repeated answer of an earlier request may."""
        names = list_shown(type(self).serializer_class)
        return isinstance(data, Mapping) and names <= data.keys()

    def find_version(self, data: Mapping[str, Any]) -> str:
        """Return the version of a row, by what an answer shows of it."""
        shown = {name: data[name] for name in list_shown(type(self).serializer_class)}
        text = json.dumps(shown, sort_keys=True, cls=JSONEncoder)
        return quote_etag(sha256(text.encode()).hexdigest()[:32])


def is_conditional(request: Request) -> bool:
    """Tell whether a change is meant for one version of its row alone."""
    return HEADER in request.headers and request.method not in SAFE_METHODS


def require_match(request: Request, version: str) -> None:
    """Refuse a change that is meant for another version of the row.

    Args:
        request: A conditional request, in the transaction that makes the change.
        version: The version of the row, which is locked.

    Raises:
        InvalidParameter: The header names no version.
        RowChanged: It names another.
    """
    wanted = parse_etags(request.headers[HEADER])
    if not wanted:
        # Not as one that is absent: who is told of success has been protected.
        raise InvalidParameter(HEADER, 'It is the ETag of an answer, in its quotes: "1f…", or *.')
    # A proxy that compresses makes a version weak; it names the same row.
    if not {"*", version} & {one.removeprefix("W/") for one in wanted}:
        raise RowChanged


@cache
def list_shown(serializer_class: Any) -> frozenset[str]:
    """Return the names of the fields that a serializer shows."""
    fields = serializer_class().fields
    return frozenset(name for name, field in fields.items() if not field.write_only)
