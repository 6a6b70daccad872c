"""Forms that make something: one that is sent twice makes it once."""

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
    """Return what tells a sent form from others, or nothing where it has no key.

    It is the page's key with all that was filled in: a form that is corrected, or filled in anew
    after going back to its page, is another.
    """
    key = request.POST.get(KEY_FIELD)
    if request.method != "POST" or not key:
        return ""
    digest = sha256(request.path.encode())
    for part in list_parts(request.POST, request.FILES, leave_out=UNNAMED):
        digest.update(part)
    return digest.hexdigest()


def answer_form_once(request: Any, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a form, or lead to where it led when it was sent before, as by a double click.

    Only what was carried out is kept: a form that is shown again may be sent again. One of two that
    are sent at once waits for the other. That it was carried out is told by leading on, or by
    :func:`note_done`: what htmx sends is answered by a part of a page, and a window that a page of
    the admin opens by what closes it.

    Args:
        request: The request of somebody who is signed in.
        answer: Makes what is asked for.

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
    """Return an answer that is no redirect, noted as that of what was carried out.

    Args:
        response: The answer.
        answer: What answers the same form when it is sent again: the address of a page, or a page.
    """
    response.done = answer
    return response  # type: ignore[no-any-return]
