"""The content security policy: AriStay's own files only, and no inline code."""

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["MIDDLEWARE", "POLICY", "PolicyMiddleware"]

POLICY: Final[Mapping[str, list[str]]] = {
    "default-src": ["'self'"],
    # A photo is previewed from the phone's memory before it is sent.
    "img-src": ["'self'", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}


class PolicyMiddleware:
    """Sends ``SECURE_CSP`` as Django's own middleware does from 6.0 on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the policy to the response, unless the view has set its own."""
        response = self.get_response(request)
        policy: Mapping[str, list[str]] = settings.SECURE_CSP
        text = "; ".join(f"{name} {' '.join(values)}" for name, values in policy.items())
        response.headers.setdefault("Content-Security-Policy", text)
        return response


def _choose_middleware() -> str:
    try:
        import django.middleware.csp  # noqa: F401 - there from Django 6.0 on
    except ImportError:
        return f"{__name__}.PolicyMiddleware"
    return "django.middleware.csp.ContentSecurityPolicyMiddleware"


MIDDLEWARE: Final[str] = _choose_middleware()
