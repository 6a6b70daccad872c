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


# They have no effect here: editing them would give the impression of having granted something.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(
    MatrixAdminMixin, OnceAdminMixin, SeenValuesAdminMixin, AuditedAdminMixin, BaseUserAdmin
):
    """The people below, and oneself; roles are on the profiles, and nobody is deleted."""

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
        """Return what the person is; the flag decides, as everywhere."""
        if person.is_superuser:
            return str(Role.SUPERUSER.label)
        profile: Profile | None = getattr(person, "profile", None)
        return str(Role.VIEWER.label if profile is None else profile.get_role_display())

    @admin.action(
        description=gettext_lazy("Let the selected people in no more"), permissions=["change"]
    )
    def deactivate_selected(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """End their sessions and tokens."""
        for person in people:
            deactivate_person(actor=_actor(request), user=person)

    @admin.action(
        description=gettext_lazy("Let the selected people in again"), permissions=["change"]
    )
    def reactivate_selected(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let them log in."""
        for person in people:
            reactivate_person(actor=_actor(request), user=person)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Offer only people who may work on tasks where a task is given to somebody."""
        rows, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") in WORKER_FIELDS:
            workers = list_workers(get_access(request.user))
            rows = rows.filter(pk__in=workers.values("pk"))
        return rows, may_repeat

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store a new person, a viewer, or what was changed of one."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        change_person(actor=_actor(request), user=obj, **values)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a person may be deleted: never, since others' work names them."""
        return False


@admin.register(Profile)
class ProfileAdmin(MatrixAdminMixin, SeenValuesAdminMixin, AuditedAdminMixin, ModelAdmin):
    """What the company knows of people, and what they are in it."""

    list_display = ["user", "role", "task_group", "time_zone"]
    list_filter = ["role", "task_group"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__last_name"]
    readonly_fields = ["user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Profile | None = None) -> Any:
        """Close the role where the person's own, or one that is not below, is shown."""
        access = get_access(request.user)
        closed = obj is None or obj.user_id == access.user_id or not access.outranks(obj.role)
        return [*super().get_readonly_fields(request, obj), *(["role"] if closed else [])]

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the roles that the person may give."""
        if db_field.name == "role":
            access = get_access(request.user)
            kwargs["choices"] = [one for one in Role.choices if access.outranks(one[0])]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Profile, form: Any, change: bool) -> None:
        """Store what was changed; a role by the service that knows the ranks."""
        changed = set(form.changed_data)
        if "role" in changed:
            set_role(actor=_actor(request), user=obj.user, role=obj.role)
        if others := changed - {"role"}:
            obj.save(update_fields=sorted(others))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether one may be added: never, everybody has one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether one may be deleted: never, everybody has one."""
        return False


@admin.register(PermissionOverride)
class PermissionOverrideAdmin(HouseAdmin):
    """What people may, or may not, whatever their role says."""

    list_display = ["user", "permission_words", "is_granted", "expires_at", "reason"]
    list_filter = ["is_granted", "permission"]
    list_select_related = ["user"]
    search_fields = ["user__username", "permission"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Close whose it is and of which permission, once it is made."""
        closed = [] if obj is None else ["user", "permission_words"]
        return [*super().get_readonly_fields(request, obj), *closed]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what is shown in words."""
        return None if obj is None else ["permission"]

    @admin.display(description=gettext_lazy("Permission"), ordering="permission")
    def permission_words(self, override: PermissionOverride) -> str:
        """Return what it is about, as people say it."""
        return name_permission(override.permission)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the people below."""
        if db_field.name == "user":
            people = list_visible(get_access(request.user), User)
            kwargs["queryset"] = people.exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the permissions that the person may hand on, and refuse an end that is over."""
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
        """Let the role count again."""
        withdraw_override(actor=_actor(request), override=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Let the roles count again."""
        for override in queryset.select_related("user"):
            withdraw_override(actor=_actor(request), override=override)


@admin.register(InviteCode)
class InviteCodeAdmin(HouseAdmin):
    """Invites: made and withdrawn; a code is shown once, since only its digest is kept."""

    list_display = ["__str__", "role", "task_group", "use_count", "max_uses", "expires_at"]
    list_filter = ["role", "task_group"]
    fields = ["role", "task_group", "note", "max_uses", "expires_at"]
    actions = ["withdraw_selected"]
    tells_secret = True

    @admin.action(
        description=gettext_lazy("Let nobody come by the selected invites"),
        permissions=["withdraw"],
    )
    def withdraw_selected(self, request: HttpRequest, invites: QuerySet[InviteCode]) -> None:
        """Let them expire."""
        for invite in invites:
            withdraw_invite(actor=_actor(request), invite=invite)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Whether the person may withdraw invites."""
        return request.user.has_perm("api.change_invitecode")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether an invite may be changed: never, people hold it as it is."""
        return False

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the roles that the person may invite to."""
        if db_field.name == "role":
            kwargs["choices"] = [one for one in Role.choices if may_invite(request.user, one[0])]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Refuse an end that is over."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "expires_at" and field is not None:
            field.validators = [*field.validators, refuse_past]
        return field

    def save_model(self, request: HttpRequest, obj: InviteCode, form: Any, change: bool) -> None:
        """Make the invite, and show its code."""
        invite, code = create_invite(
            actor=_actor(request), sending=name_sending(request), **form.cleaned_data
        )
        obj.pk, obj._state.adding = invite.pk, False
        _tell_code(request, code)

    def tell_secret(self, request: HttpRequest, sending: str) -> bool:
        """Show the code of an invite again, if the form made one that is not over."""
        code = find_code(_actor(request), sending)
        if code:
            _tell_code(request, code)
        return bool(code)


def _tell_code(request: HttpRequest, code: str) -> None:
    messages.info(request, _("The code is %s. It is shown this once.") % code)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
