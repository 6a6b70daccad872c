"""AriStay's users, their roles and permissions."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive
from django_modernize.models import ModelDiffMixin

from .base import HouseModel, default_time_zone, refuse_past, validate_time_zone

__all__ = [
    "InviteCode",
    "InviteUse",
    "PasswordResetLog",
    "PermissionOverride",
    "Profile",
    "Role",
    "TaskGroup",
    "User",
]


class Role(models.TextChoices):
    """A person's role in the company; ``api.services.permission.matrix`` maps it to permissions."""

    VIEWER = "viewer", _("viewer")
    STAFF = "staff", _("staff")
    MANAGER = "manager", _("manager")
    SUPERUSER = "superuser", _("superuser")


class TaskGroup(models.TextChoices):
    """The team that a person belongs to."""

    CLEANING = "cleaning", _("cleaning")
    MAINTENANCE = "maintenance", _("maintenance")
    LAUNDRY = "laundry", _("laundry")
    LAWN_POOL = "lawn_pool", _("lawn and pool")
    GENERAL = "general", _("general")
    NONE = "none", _("none")


# A user is deactivated, never deleted, so profile, phones and digests need no soft delete.
@track(exclude=["last_login"], mask=["password"])
class User(AbstractUser):  # modernize: silence W409
    """A person who logs in. The table has the name of Django's, so that it can be taken over."""

    class Meta(AbstractUser.Meta):
        db_table = "auth_user"

    def clean(self) -> None:
        """Refuse a new name that another person has, in whatever case.

        Raises:
            ValidationError: It is taken, with the code ``unique``.
        """
        super().clean()
        stored = User.objects.filter(pk=self.pk).values_list("username", flat=True).first()
        if self.username != stored:
            self._refuse_taken_name()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the user, and create the profile of a new one.

        Raises:
            ValidationError: Another person has the name of a new one, in whatever case.
        """
        is_new = self._state.adding
        # Django's own command and ``create_user()`` judge nothing but this.
        if is_new:
            self._refuse_taken_name()
        super().save(*args, **kwargs)
        if is_new:
            role = Role.SUPERUSER if self.is_superuser else Role.VIEWER
            Profile.objects.get_or_create(user=self, defaults={"role": role})

    def _refuse_taken_name(self) -> None:
        others = User.objects.filter(username__iexact=self.username).exclude(pk=self.pk)
        if others.exists():
            field: Any = self._meta.get_field("username")
            refusal = ValidationError(field.error_messages["unique"], "unique")
            raise ValidationError({"username": refusal})


@track
class Profile(models.Model):
    """What the company knows about a person. A user without a profile counts as a viewer."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)
    task_group = models.CharField(
        "team", max_length=20, choices=TaskGroup.choices, default=TaskGroup.NONE
    )
    time_zone = models.CharField(
        max_length=63, default=default_time_zone, validators=[validate_time_zone]
    )
    language = models.CharField(
        max_length=10, blank=True, help_text=_("Without one the browser's counts.")
    )
    phone = models.CharField(max_length=30, blank=True)
    address = models.TextField(blank=True)
    email_notices = models.BooleanField("notices by e-mail", default=False)
    digest_opt_out = models.BooleanField("no daily digest", default=False)
    sees_team_tasks = models.BooleanField("sees the team's tasks", default=True)
    sees_other_teams = models.BooleanField("sees other teams' tasks", default=False)

    class Meta:
        ordering = ["user__username"]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


@track
class PermissionOverride(ModelDiffMixin, HouseModel):
    """A permission granted to or withheld from one person until it expires, overriding the role."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="permission_overrides"
    )
    permission = models.CharField(max_length=100)
    is_granted = models.BooleanField("granted", help_text=_("Else it is denied."))
    reason = models.TextField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user__username", "permission"]
        constraints = [
            UniqueAlive("user", "permission", name="permission_override_unique"),
            models.CheckConstraint(condition=~Q(reason=""), name="permission_override_has_reason"),
        ]

    def __str__(self) -> str:
        what = gettext("granted") if self.is_granted else gettext("denied")
        return f"{self.permission}: {what}"

    def clean(self) -> None:
        """Validate the expiry date.

        Raises:
            ValidationError: It is in the past, with the code ``expired``.
        """
        super().clean()
        self.judge_end()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Validate the expiry date, and save.

        Raises:
            ValidationError: It is in the past, with the code ``expired``.
        """
        names = kwargs.get("update_fields")
        if names is None or "expires_at" in names:
            self.judge_end()
        super().save(*args, **kwargs)

    def judge_end(self) -> None:
        """Refuse a new expiry date in the past; a stored one that has passed since is fine."""
        is_new = self._state.adding or self.get_field_diff("expires_at") is not None
        if self.expires_at is None or not is_new:
            return
        try:
            refuse_past(self.expires_at)
        except ValidationError as error:
            raise ValidationError({"expires_at": error}) from error


@track(mask=["digest"])
class InviteCode(HouseModel):
    """A code for creating an account; only its digest is stored."""

    digest = models.CharField("SHA-256 of the code", max_length=64, editable=False)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.STAFF)
    task_group = models.CharField(
        "team", max_length=20, choices=TaskGroup.choices, default=TaskGroup.NONE
    )
    note = models.CharField(max_length=200, blank=True, help_text=_("For whom it is."))
    max_uses = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    use_count = models.PositiveIntegerField(default=0, editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            UniqueAlive("digest", name="invite_digest_unique"),
            models.CheckConstraint(
                condition=Q(use_count__lte=F("max_uses")), name="invite_not_used_up"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="invite_created_at")]

    def __str__(self) -> str:
        return self.note or gettext("invite %s") % self.pk


@track
class InviteUse(models.Model):
    """The use of an invite by one person."""

    invite = models.ForeignKey(InviteCode, models.PROTECT, related_name="uses")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="invite_use")
    used_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return gettext("%(user)s, invited by “%(invite)s”") % {
            "user": self.user,
            "invite": self.invite,
        }


class PasswordResetLog(models.Model):
    """A request for a password reset, or its completion. Written by code, never by hand."""

    class Action(models.TextChoices):
        """How far the reset got."""

        REQUESTED = "requested", _("requested")
        COMPLETED = "completed", _("completed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="password_resets"
    )
    action = models.CharField(max_length=10, choices=Action.choices)
    ip_address = models.GenericIPAddressField(null=True)
    happened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["happened_at"], name="password_reset_happened")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_action_display()}"
