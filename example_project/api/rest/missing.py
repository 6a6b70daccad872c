"""The API's response to unknown URLs."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

__all__ = ["MissingView"]


@extend_schema(exclude=True)
class MissingView(APIView):
    """Answers every URL without a view of its own, with a problem instead of a page."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse every request.

        Raises:
            Http404: Always.
        """
        raise Http404
