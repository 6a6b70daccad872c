"""What the API answers where it has nothing."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

__all__ = ["MissingView"]


@extend_schema(exclude=True)
class MissingView(APIView):
    """Answers every address that is of no other view, as a problem and not as a page."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse, whatever is asked for.

        Raises:
            Http404: Always.
        """
        raise Http404
