"""Two receivers that make the same profile."""

from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.dispatch import receiver

from .models import Profile


@receiver(post_save, sender=User)
def create_profile(sender, instance, created, **kwargs):
    """Make a profile for a new user."""
    if created:
        Profile.objects.create(user=instance)


@receiver(post_save, sender=User)
def ensure_profile(sender, instance, **kwargs):
    """Make a profile for a user who has none, on every save."""
    Profile.objects.get_or_create(user=instance)
