"""Forms that create something: sent twice, they create it once."""

from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from api.services.idempotency import KEY_FIELD, Answer, answer_once, list_parts

__all__ = ["answer_form_once", "name_sending", "note_done"]

UNNAMED: Final = {"csrfmiddlewaretoken"}


def name_sending(request: HttpRequest) -> str:
    """Return what identifies a submitted form, or an empty string if it has no key.

    It is the page's key together with all values: a corrected form, or one that was filled in
    again after going back to its page, is a different one.
    """
    key = request.POST.get(KEY_FIELD)
    if request.method != "POST" or not key:
        return ""
    digest = sha256(request.path.encode())
    for part in list_parts(request.POST, request.FILES, leave_out=UNNAMED):
        digest.update(part)
    return digest.hexdigest()


def answer_form_once(request: Any, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Process a form, or redirect to where it redirected when it was sent before.

    Only completed requests are kept: a form that is shown again can be sent again. If the same
    form is sent twice at once, one waits for the other. A request counts as completed if it
    redirects or calls :func:`note_done`: htmx receives part of a page, and a popup of the admin
    receives the page that closes it.

    Args:
        request: The request of a signed-in user.
        answer: Processes the form.

    Costs five statements for a form that has a key.
    """
    name = name_sending(request)
    if not name:
        return answer()
    given: list[HttpResponse] = []

    def make_answer() -> Answer:
        response = answer()
        given.append(response)
        if isinstance(response, HttpResponseRedirect):
            return Answer(status_code=response.status_code, body=response.url)
        if hasattr(response, "done"):
            return Answer(status_code=response.status_code, body=response.done)
        return Answer(status_code=HTTPStatus.UNPROCESSABLE_ENTITY, body="")

    kept = answer_once(request.user, f"form {name}", name, make_answer, waits=True)
    if not kept.is_repeated:
        return given[0]
    if kept.body.startswith("<"):
        return HttpResponse(kept.body)
    messages.info(request, _("You sent this before; it was carried out once."))
    if request.htmx:
        return HttpResponseClientRedirect(kept.body)
    return HttpResponseRedirect(kept.body)


def note_done(response: Any, answer: str) -> HttpResponse:
    """Return a response that is no redirect, marked as that of a completed request.

    Args:
        response: The response.
        answer: What to send if the same form arrives again: the URL of a page, or a page.
    """
    response.done = answer
    return response  # type: ignore[no-any-return]
