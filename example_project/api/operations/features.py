"""Features that can be rolled out gradually, each to a share of the users.

``ARISTAY_FEATURES="portal=25"`` shows the portal to a quarter of them, always the same quarter,
and to more of them as the number grows. Everybody else gets a 404.
"""

from typing import Any, Final
from zlib import crc32

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

__all__ = ["FeatureMiddleware", "is_enabled"]

FEATURES_BY_PLACE: Final = {"api": "api", "portal": "portal"}
"""Which feature pages belong to, by the namespace of their route or the first part of the path."""


def is_enabled(feature: str, user: Any = None) -> bool:
    """Return whether a feature is on.

    Args:
        feature: One of ``settings.ARISTAY_FEATURES``.
        user: For whom. Without one, or before login, it is on as soon as anybody has it.
    """
    share: int = settings.ARISTAY_FEATURES[feature]
    key = getattr(user, "pk", None)
    if key is None:
        return share > 0
    # The name is part of the hash, so that the same people do not always go first.
    return crc32(f"{feature}:{key}".encode()) % 100 < share


class FeatureMiddleware(MiddlewareMixin):
    """Hides the pages of a feature from users who do not have it yet."""

    def process_view(
        self, request: HttpRequest, view: Any, arguments: Any, parts: Any
    ) -> HttpResponse | None:
        """Let a request pass, or not.

        Raises:
            Http404: The feature is off for this user.
        """
        match = request.resolver_match
        places = {request.path_info.split("/")[1], *(match.app_names if match else ())}
        for place in places & FEATURES_BY_PLACE.keys():
            if not self._has(request, FEATURES_BY_PLACE[place]):
                raise Http404
        return None

    def _has(self, request: HttpRequest, feature: str) -> bool:
        # Only a partial rollout needs the user, which costs a query.
        if settings.ARISTAY_FEATURES[feature] in (0, 100):
            return is_enabled(feature)
        return is_enabled(feature, getattr(request, "user", None))
