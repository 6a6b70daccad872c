"""View sets over soft-deletable rows, and rows that the database may refuse."""

from typing import TYPE_CHECKING, Any

from django.db.models import ProtectedError, RestrictedError
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from django_modernize.exceptions import RestoreConflict
from django_modernize.integrity.refusals import explain_error

__all__ = ["Conflict", "ConstraintViewSetMixin", "SoftDeleteViewSetMixin"]

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet as Base
else:
    Base = object


class Conflict(APIException):
    """Something stored is in the way (409).

    Args:
        sentences: What is in the way, a sentence for each.
    """

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"

    def __init__(self, sentences: list[str]) -> None:
        super().__init__()
        self.detail = {"conflicts": [ErrorDetail(one, self.default_code) for one in sentences]}


class ConstraintViewSetMixin(Base):
    """A view set whose answer is a 409 where only the database could refuse a row.

    Put it before ``ModelViewSet``. That is where somebody wrote the row in the way after the
    serializer had looked; one that was there before is a 400 (``ConstraintSerializerMixin``).
    """

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error; a violated constraint of the view set's model with its own words."""
        refusal = explain_error(self.get_queryset().model, exc)
        return super().handle_exception(Conflict(refusal.messages) if refusal else exc)


class SoftDeleteViewSetMixin(Base):
    """Adds a list of deleted rows and a way back to a view set whose ``destroy`` hides.

    Put it before ``ModelViewSet``, and let ``queryset`` start from ``all_objects``: hidden rows are
    left out here. ``DELETE <row>/`` hides the row and what goes with it; a row that a living one
    protects is a 409. ``GET deleted/`` lists the hidden rows, ``POST <row>/restore/`` brings one
    back; with ``{"with_parents": true}`` its deleted parents too. Permissions and filters are those
    of the view set, whose ``action`` is ``deleted`` or ``restore``.
    """

    def get_queryset(self) -> Any:
        """Return the living rows, or the hidden ones where these are asked for."""
        asks_for_hidden = getattr(self, "action", None) in ("deleted", "restore")
        return super().get_queryset().filter(deleted_at__isnull=not asks_for_hidden)

    def perform_destroy(self, instance: Any) -> None:
        """Hide a row.

        Raises:
            Conflict: A living row protects it.
        """
        try:
            instance.delete()
        except (ProtectedError, RestrictedError) as error:
            raise Conflict([str(error.args[0])]) from error

    @action(detail=False)
    def deleted(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the hidden rows, filtered and paged as the others."""
        rows = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(rows)
        serializer = self.get_serializer(rows if page is None else page, many=True)
        if page is None:
            return Response(serializer.data)
        return self.get_paginated_response(serializer.data)

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bring a hidden row back with all that its deletion took.

        Raises:
            Conflict: Something is in the way; all of it is listed, and nothing is restored.
        """
        instance = self.get_object()
        try:
            instance.restore(with_parents=request.data.get("with_parents") is True)
        except RestoreConflict as conflict:
            raise Conflict(conflict.conflicts) from conflict
        return Response(self.get_serializer(instance).data)
