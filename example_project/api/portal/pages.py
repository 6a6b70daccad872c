"""What every view of the portal builds on."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from api.models import User
from api.once import answer_form_once
from api.services.permission import Access, get_access, list_visible, may_change_object

__all__ = ["PER_PAGE", "PortalRequest", "find_editable", "portal_page", "read_page"]

PER_PAGE: Final = 25

Arguments = ParamSpec("Arguments")
ModelT = TypeVar("ModelT", bound=Model)


class PortalRequest(HttpRequest):
    """A request of a signed-in user."""

    user: User
    htmx: HtmxDetails
    access: Access


View = Callable[Concatenate[PortalRequest, Arguments], HttpResponse]


def portal_page(*permissions: str) -> Callable[[View[Arguments]], Callable[..., HttpResponse]]:
    """Restrict a view to signed-in users who have one of the permissions.

    Args:
        permissions: Such as ``api.view_booking``; without any, every signed-in user.

    The user's access is ``request.access``. A form with the tag ``once`` that is sent twice is
    processed once. A GET request for an address that accepts only POST, for example after a
    reload or a new login, redirects to the page above it.
    """

    def decorate(view: View[Arguments]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(
            request: PortalRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            request.access = get_access(request.user)
            if permissions and not any(map(request.access.may, permissions)):
                raise PermissionDenied
            _drop_zero_bytes(request)
            answer = answer_form_once(request, lambda: view(request, *args, **kwargs))
            if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
                return _lead_back(request)
            return answer

        return _asking_to_sign_in(login_required(wrapped))

    return decorate


def _drop_zero_bytes(request: HttpRequest) -> None:
    """Remove NUL bytes from the query string, on which PostgreSQL fails."""
    if "%00" in request.META.get("QUERY_STRING", ""):
        asked = request.GET.copy()
        for name, values in asked.lists():
            asked.setlist(name, [value.replace("\x00", "") for value in values])
        request.GET = asked  # type: ignore[assignment]


def _asking_to_sign_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make htmx redirect to the login form, instead of inserting it into the page."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
        if not htmx or request.user.is_authenticated:
            return view(request, *args, **kwargs)
        back = redirect_to_login(htmx.current_url_abs_path or request.path)
        return HttpResponseClientRedirect(back.url)

    return wrapped


def _lead_back(request: PortalRequest) -> HttpResponse:
    """Redirect from a POST-only address to the page above it, for example after a new login."""
    messages.warning(request, _("Nothing was stored. Send it once more."))
    path = request.path
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        with suppress(Resolver404):
            resolve(path)
            break
    return redirect(path)


def find_editable(request: PortalRequest, model: type[ModelT], key: int | None) -> ModelT | None:
    """Return the row of a house that a form changes, or ``None`` if it creates one.

    Raises:
        Http404: The user cannot see such a row.
        PermissionDenied: The user may not change it, or create one.

    Costs up to three queries.
    """
    name = model._meta.model_name
    if key is None:
        if not request.access.may(f"api.add_{name}"):
            raise PermissionDenied
        return None
    rows = list_visible(request.access, model).select_related("property")
    row: ModelT = get_object_or_404(rows, pk=key)
    if not may_change_object(request.access, f"api.change_{name}", row):
        raise PermissionDenied
    return row


def read_page(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, size: int = PER_PAGE
) -> Page[Any]:
    """Return the page of rows that ``?page=`` asks for, or the nearest existing one.

    Costs a count and the page itself.
    """
    return Paginator(rows, size).get_page(request.GET.get("page"))
