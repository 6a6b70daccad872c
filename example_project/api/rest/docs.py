"""The page that shows the OpenAPI document."""

from django.views.generic import TemplateView

__all__ = ["DocsView"]


class DocsView(TemplateView):
    """Shows the document to read and try; it loads nothing from other hosts."""

    template_name = "rest/docs.html"
    http_method_names = ["get", "head"]
