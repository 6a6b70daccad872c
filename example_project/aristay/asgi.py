"""The asynchronous entry point for a server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aristay.settings")
application = get_asgi_application()
