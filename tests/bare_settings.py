"""A project that has neither users nor an admin."""

SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django_modernize", "django_modernize.doctor"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
