"""Base classes of all API views: one transaction per change, and only rows that are visible."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.services.changes import making_changes
from api.services.locking import lock_before_deletion, lock_rules_of_bookings
from api.services.permission import get_access, list_visible
from django_modernize.contrib.rest_framework.viewsets import SoftDeleteViewSetMixin
from django_modernize.integrity import explain_refusals

from .history import HistoryMixin
from .idempotency import HEADER, answer_with_key
from .permissions import MatrixPermission
from .problems import InvalidParameter
from .serializers import RestoreSerializer
from .versions import VersionMixin, is_conditional, require_match

__all__ = [
    "ChangeMixin",
    "ChangeRowMixin",
    "CreateRowMixin",
    "Handler",
    "HouseViewSet",
    "RowViewSet",
    "read_values",
]

if TYPE_CHECKING:
    from rest_framework.views import APIView
else:
    APIView = object

Handler = Callable[..., Response]
RESTORE: Final = "api.restore_deleted"


class ChangeMixin(APIView):
    """Makes each unsafe request of a view atomic: everything is stored, or nothing.

    Put it before ``APIView`` or a view set. A request with a key is carried out once.
    """

    secret_actions: ClassVar[frozenset[str]] = frozenset()
    """The methods or actions whose answer holds a secret: it is not kept, so they take no key."""

    locks_rules: ClassVar[bool] = False
    """Whether changes write bookings, and so run the rules: these are locked before the rows."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Run the checks, then wrap the handler."""
        super().initial(request, *args, **kwargs)
        method = str(request.method).lower()
        handler: Handler | None = getattr(self, method, None)
        if request.method not in SAFE_METHODS and handler is not None:
            setattr(self, method, self.frame_handler(handler, request))

    def takes_key(self, request: Request) -> bool:
        """Return whether the response may be stored under an idempotency key."""
        name = getattr(self, "action", None) or str(request.method).lower()
        return name not in self.secret_actions and bool(request.user.is_authenticated)

    def frame_handler(self, handler: Handler, request: Request) -> Handler:
        """Return a handler that is atomic.

        Raises:
            InvalidParameter: There is a key, but the response must not be stored.
        """
        if HEADER not in request.headers:
            return self.make_together(handler)
        if not self.takes_key(request):
            raise InvalidParameter(HEADER, "No answer is kept here; send the request without it.")

        def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
            return answer_with_key(
                request, lambda: self.make_together(handler)(request, *args, **kwargs)
            )

        return answer

    def make_together(self, handler: Handler) -> Handler:
        """Return a handler whose changes are all stored, or none if it raises an error."""

        def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
            with making_changes():
                if self.locks_rules:
                    lock_rules_of_bookings()
                return handler(request, *args, **kwargs)

        return answer


class RowViewSet(
    ChangeMixin, VersionMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet
):
    """Read-only access to the rows that the caller can see; the base of the other view sets."""

    model: ClassVar[type[Model]]
    select_related: ClassVar[Sequence[str]] = ()
    """What the serializer shows of other rows; without it each row costs a query."""

    prefetch_related: ClassVar[Sequence[Any]] = ()
    ordering: ClassVar[str] = "pk"
    ordering_fields: ClassVar[Sequence[str]] = ("pk",)
    action_permissions: ClassVar[Mapping[str, str]] = {}
    """The permission that an action asks for, where its name does not say it."""

    permission_classes = [MatrixPermission]
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the caller can see, including deleted ones."""
        access = get_access(getattr(self.request, "user", None))
        manager = "all_objects" if hasattr(self.model, "all_objects") else "objects"
        rows = list_visible(access, self.model, manager=manager)
        if self.select_related:
            # Without names, Django would follow every foreign key; from 6.1 on it warns of that.
            rows = rows.select_related(*self.select_related)
        return rows.prefetch_related(*self.prefetch_related)

    def get_object(self) -> Any:
        """Return the row in the URL, locked if its fields are about to change.

        If two requests change a row at once, the second sees what the first has stored: neither
        reverts fields that it did not send, and they cannot both match the same version.

        Raises:
            RowChanged: The change applies to another version.

        Costs one statement more if the row is locked.
        """
        is_meant_for_one = is_conditional(self.request)
        if is_meant_for_one or self.action == "partial_update":
            self.lock_row()
        row = super().get_object()
        if is_meant_for_one:
            # The action may represent something else.
            shown = type(self).serializer_class(row, context=self.get_serializer_context())
            require_match(self.request, self.find_version(shown.data))
        return row

    def lock_row(self) -> None:
        """Wait for others who change the row, and lock it until this change is made.

        A separate statement, since a join would still read the other rows as they were before.
        """
        for rows in self.list_locks():
            list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))

    def list_locks(self) -> Sequence[QuerySet[Any]]:
        """Return the rows to lock, table by table; the row in the URL is among them.

        Override it if a service locks other rows with it or before it, and return all of them in
        the service's order: two transactions that lock in different orders deadlock.
        """
        return [self.select_row()]

    def select_row(self) -> QuerySet[Any]:
        """Return the row in the URL as a queryset, visible or not."""
        return self.model._base_manager.filter(pk=self.kwargs["pk"])

    def select_parent(self, name: str) -> QuerySet[Any]:
        """Return the row that a foreign key of the row in the URL refers to, as a queryset."""
        parent: Any = self.model._meta.get_field(name).related_model
        rows: QuerySet[Any] = parent._base_manager.all()
        return rows.filter(pk__in=self.select_row().values(name))

    def select_with(self, serializer_class: Any, name: str) -> QuerySet[Any]:
        """Return the row in the URL and the row of the same table in the body, as a queryset.

        Only a valid body adds one: with an invalid one the service is not called.
        """
        body = serializer_class(data=self.request.data, context=self.get_serializer_context())
        named = [body.validated_data[name].pk] if body.is_valid() else []
        return self.model._base_manager.filter(pk__in=[self.kwargs["pk"], *named])

    def show_row(self, row: Model, status_code: int = status.HTTP_200_OK) -> Response:
        """Return a row as it is stored now, as a GET request would.

        A caller who can no longer see it, after giving it away, sees it here for the last time.
        """
        self.action = "retrieve"
        stored = self.get_queryset().filter(pk=row.pk).first()
        return Response(self.get_serializer(stored or row).data, status_code)


def read_values(view: Any, serializer_class: Any, request: Request) -> dict[str, Any]:
    """Return the validated request body.

    Raises:
        ValidationError: It is not valid.
    """
    serializer = serializer_class(data=request.data, context=view.get_serializer_context())
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class ChangeRowMixin:
    """Adds changing a row; ``save_row()`` does it."""

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the given fields; there is no way to overwrite the others unseen."""
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        self.save_row(serializer)
        return self.show_row(serializer.instance)

    def save_row(self: Any, serializer: Any) -> None:
        """Store the serializer's values; override it if a service does so.

        Raises:
            ConstraintViolated: The database refuses the row.
        """
        candidates = [serializer.instance] if serializer.instance else []
        with explain_refusals(self.model, candidates):
            serializer.save()


class CreateRowMixin:
    """Adds creating a row; ``perform_create()`` does it."""

    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create a row."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        return self.show_row(serializer.instance, status.HTTP_201_CREATED)


class HouseViewSet(
    HistoryMixin,
    SoftDeleteViewSetMixin,
    ChangeRowMixin,
    CreateRowMixin,
    mixins.DestroyModelMixin,
    RowViewSet,
):
    """List, read, create, change, delete and restore the rows of a table."""

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows for the current action; a history includes deleted rows.

        Only people who can list the deleted rows can see their history.
        """
        user = getattr(getattr(self, "request", None), "user", None)
        if self.action == "history" and user and user.has_perm(RESTORE):
            return RowViewSet.get_queryset(self)
        rows: QuerySet[Any] = super().get_queryset()
        return rows

    def perform_create(self, serializer: Any) -> None:
        """Create a row."""
        self.save_row(serializer)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a row, with everything that depends on it."""
        lock_before_deletion(self.model, [int(self.kwargs["pk"])])
        answer: Response = super().destroy(request, *args, **kwargs)
        return answer

    @extend_schema(request=RestoreSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Restore a deleted row, with everything that was deleted along with it."""
        options = RestoreSerializer(data=request.data)
        options.is_valid(raise_exception=True)
        lock_before_deletion(self.model, [int(self.kwargs["pk"])])
        super().restore(request, *args, **kwargs)
        return self.show_row(self.model._base_manager.get(pk=self.kwargs["pk"]))
