"""View sets for soft-deletable rows and for rows that the database may refuse."""

from typing import TYPE_CHECKING, Any

from django.db.models import ProtectedError, RestrictedError
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from django_modernize.exceptions import RestoreConflict
from django_modernize.integrity.refusals import REFUSALS, explain_error

from .serializers import RestoreOptionsSerializer

__all__ = ["Conflict", "ConstraintViewSetMixin", "SoftDeleteViewSetMixin"]

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet as Base
else:
    Base = object


class Conflict(APIException):
    """A conflict with stored rows (409).

    Args:
        sentences: One sentence for each conflict.
    """

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"

    def __init__(self, sentences: list[str]) -> None:
        super().__init__()
        self.detail = {"conflicts": [ErrorDetail(one, self.default_code) for one in sentences]}


class ConstraintViewSetMixin(Base):
    """Respond with 409 if the database refuses a row.

    Put it before ``ModelViewSet``. This happens if the conflicting row was written after the
    serializer's validation. An earlier one is a 400 (``ConstraintSerializerMixin``, which also
    makes the response name that row).
    """

    def handle_exception(self, exc: Exception) -> Response:
        """Return the response to an error, with the message of a violated constraint."""
        # Before authentication, there may be no queryset.
        if isinstance(exc, REFUSALS):
            refusal = explain_error(self.get_queryset().model, exc)
            exc = Conflict(refusal.messages) if refusal else exc
        return super().handle_exception(exc)


class SoftDeleteViewSetMixin(Base):
    """Add a list of deleted rows and a restore action to a view set that soft-deletes.

    Put it before ``ModelViewSet``, and start ``queryset`` from ``all_objects``; the mixin excludes
    deleted rows. ``DELETE <row>/`` soft-deletes the row and what cascades from it, or responds with
    409 if a live row protects it. ``GET deleted/`` lists the deleted rows. ``POST <row>/restore/``
    restores one, with ``{"with_parents": true}`` its deleted parents too. Permissions and filters
    are those of the view set, whose ``action`` is ``deleted`` or ``restore``.
    """

    def get_queryset(self) -> Any:
        """Return the live rows, or the deleted ones for the actions on these."""
        asks_for_hidden = getattr(self, "action", None) in ("deleted", "restore")
        return super().get_queryset().filter(deleted_at__isnull=not asks_for_hidden)

    def perform_destroy(self, instance: Any) -> None:
        """Soft-delete a row.

        Raises:
            Conflict: A live row protects it.
        """
        try:
            instance.delete()
        except (ProtectedError, RestrictedError) as error:
            raise Conflict([str(error.args[0])]) from error

    @action(detail=False)
    def deleted(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the deleted rows, filtered and paginated like the others."""
        rows = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(rows)
        serializer = self.get_serializer(rows if page is None else page, many=True)
        if page is None:
            return Response(serializer.data)
        return self.get_paginated_response(serializer.data)

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Restore a deleted row with everything that its deletion hid.

        Raises:
            Conflict: There are conflicts. All are listed, and nothing is restored.
            ValidationError: ``with_parents`` is not a boolean.
        """
        options = RestoreOptionsSerializer(data=request.data)
        options.is_valid(raise_exception=True)
        instance = self.get_object()
        try:
            instance.restore(**options.validated_data)
        except RestoreConflict as conflict:
            raise Conflict(conflict.conflicts) from conflict
        return Response(self.get_serializer(instance).data)
