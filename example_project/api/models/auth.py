"""Who uses AriStay."""

from django.contrib.auth.models import AbstractUser

from django_modernize.audit import track

__all__ = ["User"]


@track(exclude=["last_login"], mask=["password"])
class User(AbstractUser):
    """A person who logs in; the table's name is that of Django's own, to take an old one over."""

    class Meta(AbstractUser.Meta):
        db_table = "auth_user"
