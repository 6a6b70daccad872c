"""Models that the library's tests need; each feature's test models stand in a file of their own."""

from django.contrib.auth.models import AbstractUser


class Person(AbstractUser):
    """A user model that is not ``auth.User``, so that nothing may assume it."""
