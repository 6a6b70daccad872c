"""Bridges to Django REST framework; needs ``pip install "django-modernize[rest]"``."""
