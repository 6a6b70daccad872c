"""Has the admin's forms make a row once, however often they are sent."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from api.once import answer_form_once

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
    """Whether what is made is told in the answer alone: a repeated one could not tell it again."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take a form; one that makes a row carries a key of its page."""

        def answer() -> HttpResponse:
            makes_once = object_id is None and not self.tells_secret
            context = {**(extra_context or {}), "makes_once": makes_once}
            return super(OnceAdminMixin, self).changeform_view(
                request, object_id, form_url, context
            )

        return answer() if object_id else answer_form_once(request, answer)
