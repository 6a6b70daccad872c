"""Integration with Django REST framework. Requires ``django-modernize[rest]``."""
