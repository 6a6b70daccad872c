"""Users in the admin; permissions are granted by the services, which know the ranks."""

from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import InviteCode, PermissionOverride, Profile, User
from api.models.auth import Role
from api.models.base import refuse_past
from api.once import name_sending
from api.permission_names import name_permission
from api.services.accounts import (
    change_person,
    create_invite,
    deactivate_person,
    find_code,
    may_invite,
    reactivate_person,
    withdraw_invite,
)
from api.services.permission import (
    DELEGATABLE,
    get_access,
    grant_override,
    list_visible,
    list_workers,
    set_role,
    withdraw_override,
)
from django_modernize.audit.admin import AuditedAdminMixin

from .base import HouseAdmin, ModelAdmin
from .matrix import MatrixAdminMixin
from .once import OnceAdminMixin
from .seen_values import SeenValuesAdminMixin
from .workers import WORKER_FIELDS

__all__ = ["InviteCodeAdmin", "PermissionOverrideAdmin", "ProfileAdmin", "UserAdmin"]

if TYPE_CHECKING:
    BaseUserAdmin = DjangoUserAdmin[User]
else:
    BaseUserAdmin = DjangoUserAdmin


# They have no effect here: editing them would give the impression of granting something.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(
    MatrixAdminMixin, OnceAdminMixin, SeenValuesAdminMixin, AuditedAdminMixin, BaseUserAdmin
):
    """Users of a lower rank, and oneself. Roles are set on profiles, and nobody is deleted."""

    list_display = ["username", "first_name", "last_name", "email", "role", "is_active"]
    list_filter = ["is_active", "profile__role", "profile__task_group"]
    list_select_related = ["profile"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (gettext_lazy("Access"), {"fields": ["is_active", "last_login", "date_joined"]}),
    ]
    readonly_fields = ["is_active", "last_login", "date_joined"]
    actions = ["deactivate_selected", "reactivate_selected"]

    @admin.display(ordering="profile__role", description=gettext_lazy("role"))
    def role(self, person: User) -> str:
        """Return the person's role; the superuser flag decides, as everywhere."""
        if person.is_superuser:
            return str(Role.SUPERUSER.label)
        profile: Profile | None = getattr(person, "profile", None)
        return str(Role.VIEWER.label if profile is None else profile.get_role_display())

    @admin.action(
        description=gettext_lazy("Deactivate the selected people"), permissions=["change"]
    )
    def deactivate_selected(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """End their sessions and tokens."""
        for person in people:
            deactivate_person(actor=_actor(request), user=person)

    @admin.action(
        description=gettext_lazy("Reactivate the selected people"), permissions=["change"]
    )
    def reactivate_selected(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let them log in."""
        for person in people:
            reactivate_person(actor=_actor(request), user=person)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Offer only people who may work on tasks when choosing an assignee."""
        rows, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") in WORKER_FIELDS:
            workers = list_workers(get_access(request.user))
            rows = rows.filter(pk__in=workers.values("pk"))
        return rows, may_repeat

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store a new person as a viewer, or the changes to a person."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        change_person(actor=_actor(request), user=obj, **values)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a person may be deleted: never, since other rows refer to them."""
        return False


@admin.register(Profile)
class ProfileAdmin(MatrixAdminMixin, SeenValuesAdminMixin, AuditedAdminMixin, ModelAdmin):
    """What the company knows about people, and their roles."""

    list_display = ["user", "role", "task_group", "time_zone"]
    list_filter = ["role", "task_group"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__last_name"]
    readonly_fields = ["user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Profile | None = None) -> Any:
        """Make the role read-only on one's own profile and on those of people of no lower rank."""
        access = get_access(request.user)
        closed = obj is None or obj.user_id == access.user_id or not access.outranks(obj.role)
        return [*super().get_readonly_fields(request, obj), *(["role"] if closed else [])]

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the roles that the user may assign."""
        if db_field.name == "role":
            access = get_access(request.user)
            kwargs["choices"] = [one for one in Role.choices if access.outranks(one[0])]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Profile, form: Any, change: bool) -> None:
        """Store the changes; the role is set by the service, which knows the ranks."""
        changed = set(form.changed_data)
        if "role" in changed:
            set_role(actor=_actor(request), user=obj.user, role=obj.role)
        if others := changed - {"role"}:
            obj.save(update_fields=sorted(others))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a profile may be added: never, since everybody has one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a profile may be deleted: never, since everybody has one."""
        return False


@admin.register(PermissionOverride)
class PermissionOverrideAdmin(HouseAdmin):
    """Permissions granted to or withheld from people, whatever their role says."""

    list_display = ["user", "permission_words", "is_granted", "expires_at", "reason"]
    list_filter = ["is_granted", "permission"]
    list_select_related = ["user"]
    search_fields = ["user__username", "permission"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make the person and the permission read-only once the override exists."""
        closed = [] if obj is None else ["user", "permission_words"]
        return [*super().get_readonly_fields(request, obj), *closed]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the field that is shown in words instead."""
        return None if obj is None else ["permission"]

    @admin.display(description=gettext_lazy("Permission"), ordering="permission")
    def permission_words(self, override: PermissionOverride) -> str:
        """Return the permission in words."""
        return name_permission(override.permission)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the people of a lower rank."""
        if db_field.name == "user":
            people = list_visible(get_access(request.user), User)
            kwargs["queryset"] = people.exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the permissions that the user may delegate, and refuse a past expiry date."""
        if db_field.name != "permission":
            field = super().formfield_for_dbfield(db_field, request, **kwargs)
            if db_field.name == "expires_at" and field is not None:
                field.validators = [*field.validators, refuse_past]
            return field
        offered = DELEGATABLE[get_access(request.user).role]
        choices = sorted(((one, name_permission(one)) for one in offered), key=itemgetter(1))
        return forms.ChoiceField(choices=choices, label=gettext_lazy("Permission"))

    def save_model(
        self, request: HttpRequest, obj: PermissionOverride, form: Any, change: bool
    ) -> None:
        """Grant or deny."""
        granted = grant_override(
            actor=_actor(request),
            user=obj.user,
            permission=obj.permission,
            is_granted=obj.is_granted,
            reason=obj.reason,
            expires_at=obj.expires_at,
        )
        obj.pk, obj._state.adding = granted.pk, False

    def delete_model(self, request: HttpRequest, obj: PermissionOverride) -> None:
        """Delete the override, so that the role applies again."""
        withdraw_override(actor=_actor(request), override=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the overrides, so that the roles apply again."""
        for override in queryset.select_related("user"):
            withdraw_override(actor=_actor(request), override=override)


@admin.register(InviteCode)
class InviteCodeAdmin(HouseAdmin):
    """Invites: created and withdrawn. A code is shown once, since only its digest is stored."""

    list_display = ["__str__", "role", "task_group", "use_count", "max_uses", "expires_at"]
    list_filter = ["role", "task_group"]
    fields = ["role", "task_group", "note", "max_uses", "expires_at"]
    actions = ["withdraw_selected"]
    tells_secret = True

    @admin.action(
        description=gettext_lazy("Withdraw the selected invites"),
        permissions=["withdraw"],
    )
    def withdraw_selected(self, request: HttpRequest, invites: QuerySet[InviteCode]) -> None:
        """Let the invites expire."""
        for invite in invites:
            withdraw_invite(actor=_actor(request), invite=invite)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Whether the user may withdraw invites."""
        return request.user.has_perm("api.change_invitecode")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether an invite may be changed: never, since it may have been handed out."""
        return False

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the roles that the user may invite to."""
        if db_field.name == "role":
            kwargs["choices"] = [one for one in Role.choices if may_invite(request.user, one[0])]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Refuse an expiry date in the past."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "expires_at" and field is not None:
            field.validators = [*field.validators, refuse_past]
        return field

    def save_model(self, request: HttpRequest, obj: InviteCode, form: Any, change: bool) -> None:
        """Create the invite, and show its code."""
        invite, code = create_invite(
            actor=_actor(request), sending=name_sending(request), **form.cleaned_data
        )
        obj.pk, obj._state.adding = invite.pk, False
        _tell_code(request, code)

    def tell_secret(self, request: HttpRequest, sending: str) -> bool:
        """Show an invite's code again if this form created it and it is still valid."""
        code = find_code(_actor(request), sending)
        if code:
            _tell_code(request, code)
        return bool(code)


def _tell_code(request: HttpRequest, code: str) -> None:
    messages.info(request, _("The code is %s. It is shown only once.") % code)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
