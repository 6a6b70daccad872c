"""What every view of the API does: one transaction for a change, and the rows that are seen."""

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
    """Makes each unsafe request of a view one change: all of it is stored, or nothing.

    Put it before ``APIView`` or a view set. A request that carries a key is carried out once.
    """

    secret_actions: ClassVar[frozenset[str]] = frozenset()
    """The methods or actions whose answer holds a secret: it is not kept, so they take no key."""

    locks_rules: ClassVar[bool] = False
    """Whether changes write bookings, and so run the rules: these are locked before the rows."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the request in, then put the frame around what answers it."""
        super().initial(request, *args, **kwargs)
        method = str(request.method).lower()
        handler: Handler | None = getattr(self, method, None)
        if request.method not in SAFE_METHODS and handler is not None:
            setattr(self, method, self.frame_handler(handler, request))

    def takes_key(self, request: Request) -> bool:
        """Tell whether the answer may be kept under an idempotency key."""
        name = getattr(self, "action", None) or str(request.method).lower()
        return name not in self.secret_actions and bool(request.user.is_authenticated)

    def frame_handler(self, handler: Handler, request: Request) -> Handler:
        """Return a handler that makes its changes together.

        Raises:
            InvalidParameter: There is a key where no answer may be kept.
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
        """Return a handler whose changes are all stored, or none where it raises an error."""

        def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
            with making_changes():
                if self.locks_rules:
                    lock_rules_of_bookings()
                return handler(request, *args, **kwargs)

        return answer


class RowViewSet(
    ChangeMixin, VersionMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet
):
    """The rows of a table that the caller sees, to read; the base of what offers more."""

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
        """Return the rows that the caller sees, hidden ones included."""
        access = get_access(getattr(self.request, "user", None))
        manager = "all_objects" if hasattr(self.model, "all_objects") else "objects"
        rows = list_visible(access, self.model, manager=manager)
        if self.select_related:
            # Without a name Django would follow every key, and from 6.1 on says so.
            rows = rows.select_related(*self.select_related)
        return rows.prefetch_related(*self.prefetch_related)

    def get_object(self) -> Any:
        """Return the row that the address names, for a change of its fields locked.

        Of two who change a row at once the second finds what the first one stored: neither undoes
        fields that it was not sent, nor do both fit the same version.

        Raises:
            RowChanged: The change is meant for another version.

        Costs one statement more where the row is locked.
        """
        is_meant_for_one = is_conditional(self.request)
        if is_meant_for_one or self.action == "partial_update":
            self.lock_row()
        row = super().get_object()
        if is_meant_for_one:
            # The action may show something else.
            shown = type(self).serializer_class(row, context=self.get_serializer_context())
            require_match(self.request, self.find_version(shown.data))
        return row

    def lock_row(self) -> None:
        """Wait for whoever changes the row, and let nobody else until this change is made.

        A statement of its own: one that joins would still tell of the other rows as they were.
        """
        for rows in self.list_locks():
            list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))

    def list_locks(self) -> Sequence[QuerySet[Any]]:
        """Return the rows to lock, table by table; the one that the address names is among them.

        Override it where a service locks other rows with it or before it, and return all of them
        in the service's order: two who lock in different orders wait for one another forever.
        """
        return [self.select_row()]

    def select_row(self) -> QuerySet[Any]:
        """Return the row that the address names, seen or not, as a query."""
        return self.model._base_manager.filter(pk=self.kwargs["pk"])

    def select_parent(self, name: str) -> QuerySet[Any]:
        """Return the row that a foreign key of the named row leads to, as a query."""
        parent: Any = self.model._meta.get_field(name).related_model
        rows: QuerySet[Any] = parent._base_manager.all()
        return rows.filter(pk__in=self.select_row().values(name))

    def select_with(self, serializer_class: Any, name: str) -> QuerySet[Any]:
        """Return the named row and the one of its table that the body names, as a query.

        Only a body that is valid adds one: with another the service is not called.
        """
        body = serializer_class(data=self.request.data, context=self.get_serializer_context())
        named = [body.validated_data[name].pk] if body.is_valid() else []
        return self.model._base_manager.filter(pk__in=[self.kwargs["pk"], *named])

    def show_row(self, row: Model, status_code: int = status.HTTP_200_OK) -> Response:
        """Answer with a row as it is stored now, as reading it would.

        Whoever sees it no more, having given it away, is shown it for the last time.
        """
        self.action = "retrieve"
        stored = self.get_queryset().filter(pk=row.pk).first()
        return Response(self.get_serializer(stored or row).data, status_code)


def read_values(view: Any, serializer_class: Any, request: Request) -> dict[str, Any]:
    """Return what the body of a request says.

    Raises:
        ValidationError: It is not valid.
    """
    serializer = serializer_class(data=request.data, context=view.get_serializer_context())
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class ChangeRowMixin:
    """Lets a row be changed; ``save_row()`` does it."""

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields that are given; there is no way to overwrite the others unseen."""
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        self.save_row(serializer)
        return self.show_row(serializer.instance)

    def save_row(self: Any, serializer: Any) -> None:
        """Store what a serializer holds; override it where a service does so.

        Raises:
            ConstraintViolated: The database refuses the row.
        """
        candidates = [serializer.instance] if serializer.instance else []
        with explain_refusals(self.model, candidates):
            serializer.save()


class CreateRowMixin:
    """Lets a row be made; ``perform_create()`` does it."""

    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a row."""
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
    """The rows of a table to read, make, change, delete and bring back."""

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that an action is about; a history is that of deleted rows too.

        Of those it is told to whoever sees them in their list.
        """
        user = getattr(getattr(self, "request", None), "user", None)
        if self.action == "history" and user and user.has_perm(RESTORE):
            return RowViewSet.get_queryset(self)
        rows: QuerySet[Any] = super().get_queryset()
        return rows

    def perform_create(self, serializer: Any) -> None:
        """Make a row."""
        self.save_row(serializer)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a row with all that goes along with it."""
        lock_before_deletion(self.model, [int(self.kwargs["pk"])])
        answer: Response = super().destroy(request, *args, **kwargs)
        return answer

    @extend_schema(request=RestoreSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bring a deleted row back with all that its deletion took."""
        options = RestoreSerializer(data=request.data)
        options.is_valid(raise_exception=True)
        lock_before_deletion(self.model, [int(self.kwargs["pk"])])
        super().restore(request, *args, **kwargs)
        return self.show_row(self.model._base_manager.get(pk=self.kwargs["pk"]))
