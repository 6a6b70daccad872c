"""The synchronous entry point for a server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aristay.settings")
application = get_wsgi_application()
