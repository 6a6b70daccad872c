"""Has the admin's forms make a row once, however often they are sent."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from api.once import answer_form_once, name_sending, note_done
from api.services.idempotency import hold_key

__all__ = ["OnceAdminMixin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class OnceAdminMixin(Base):
    """Makes one row of a form that is sent twice, as by a double click.

    Put it before ``ModelAdmin``. Costs five statements for a form that makes a row.
    """

    tells_secret: ClassVar[bool] = False
    """Whether what is made is told in the answer alone, which is kept nowhere: it is told anew."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take a form; one that makes a row carries a key of its page."""

        def answer() -> HttpResponse:
            context = {**(extra_context or {}), "makes_once": object_id is None}
            return super(OnceAdminMixin, self).changeform_view(
                request, object_id, form_url, context
            )

        if object_id:
            return answer()
        if not self.tells_secret:
            return answer_form_once(request, answer)
        return self._tell_again(request) or answer()

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Lead on, or close the window that another form opened to make the row."""
        response: Any = super().response_add(request, obj, post_url_continue)
        if IS_POPUP_VAR in request.POST:
            note_done(response, response.render().content.decode())
        return response

    def tell_secret(self, request: HttpRequest, sending: str) -> bool:
        """Tell what was made of a form that was sent before, if anything was.

        Args:
            request: The request.
            sending: What tells the form from others.

        Raises:
            ValidationError: What was made is over.
        """
        return False

    def _tell_again(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a form that was sent before; who sends it meanwhile waits here."""
        sending = name_sending(request)
        if not sending:
            return None
        user: Any = request.user
        hold_key(user, f"form {sending}")
        try:
            if not self.tell_secret(request, sending):
                return None
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        )
