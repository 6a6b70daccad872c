"""Makes admin forms create a row only once, however often they are sent."""

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
    """Creates one row if a form is sent twice, for example by a double click.

    Put it before ``ModelAdmin``. Costs five statements for a form that creates a row.
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
        """Show or process a form; one that creates a row carries a key of its page."""

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
        """Redirect, or close the popup in which the row was created."""
        response: Any = super().response_add(request, obj, post_url_continue)
        if IS_POPUP_VAR in request.POST:
            note_done(response, response.render().content.decode())
        return response

    def tell_secret(self, request: HttpRequest, sending: str) -> bool:
        """Show the secret of the row that this form created earlier, if it did.

        Args:
            request: The request.
            sending: The string that identifies the form.

        Raises:
            ValidationError: The row has expired.
        """
        return False

    def _tell_again(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a form that was sent before; a request that arrives meanwhile waits here."""
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
