"""The phones that receive push notifications."""

from api.models import DeviceToken, User

__all__ = ["forget_device", "register_device"]


def register_device(*, actor: User, token: str, platform: str) -> DeviceToken:
    """Register a phone for a person, and take it from its previous owner.

    Args:
        actor: Whose phone it is.
        token: What the push service knows it by.
        platform: ``ios``, ``android`` or ``web``.

    Raises:
        ValidationError: There is no such platform, or the token is too long.

    Costs five queries.
    """
    device = DeviceToken(user=actor, token=token, platform=platform)
    device.clean_fields()
    stored, _is_new = DeviceToken.objects.update_or_create(
        token=token, defaults={"user": actor, "platform": platform}
    )
    return stored


def forget_device(*, actor: User, token: str) -> bool:
    """Forget a phone of a person; return whether there was one.

    Costs two queries.
    """
    number, _by_model = DeviceToken.objects.filter(user=actor, token=token).delete()
    return bool(number)
