"""An override whose end is over already is refused, whichever door it comes by."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import PermissionOverride
from api.models.auth import Role
from api.services.permission import grant_override

pytestmark = pytest.mark.django_db

PERMISSION = "api.add_booking"
WORDS = "This is over already."


@pytest.fixture
def staff(make_person):
    return make_person(Role.STAFF)


@pytest.fixture
def past():
    return timezone.localtime() - timedelta(days=2)


def send_to_api(client, boss, staff, past):
    caller = APIClient()
    caller.force_authenticate(boss)
    body = {"user": staff.pk, "permission": PERMISSION, "is_granted": True, "reason": "summer"}
    answer = caller.post("/api/v1/permission-overrides/", {**body, "expires_at": past.isoformat()})
    assert answer.json()["errors"]["expires_at"] == [{"code": "expired", "message": WORDS}]
    return answer


def send_to_admin(client, boss, staff, past):
    client.force_login(boss)
    body = {"user": staff.pk, "permission": PERMISSION, "is_granted": "on", "reason": "summer"}
    end = {"expires_at_0": past.date().isoformat(), "expires_at_1": "12:00"}
    return client.post(reverse("admin:api_permissionoverride_add"), body | end)


def send_to_portal(client, boss, staff, past):
    client.force_login(boss)
    body = {"permission": PERMISSION, "is_granted": "1", "reason": "summer"}
    day = {"until": past.date().isoformat()}
    return client.post(reverse("portal:grant", args=[staff.pk]), body | day)


@pytest.mark.parametrize("send", [send_to_api, send_to_admin, send_to_portal])
def test_an_end_that_is_over_is_refused_by_every_door(client, administrator, staff, past, send):
    answer = send(client, administrator, staff, past)
    assert WORDS in answer.content.decode()
    assert not PermissionOverride.objects.exists()


def test_the_model_refuses_an_end_that_is_over_and_leaves_one_that_came_since(
    administrator, staff, past
):
    values = {"user": staff, "permission": PERMISSION, "is_granted": True, "reason": "summer"}
    with pytest.raises(ValidationError) as refused:
        PermissionOverride.objects.create(**values, expires_at=past)
    assert refused.value.error_dict["expires_at"][0].code == "expired"
    override = grant_override(
        actor=administrator, **values, expires_at=timezone.now() + timedelta(days=1)
    )
    with pytest.raises(ValidationError):
        grant_override(actor=administrator, **values, expires_at=past)
    PermissionOverride.objects.filter(pk=override.pk).update(expires_at=past)
    stored = PermissionOverride.objects.get()
    stored.reason = "It was summer."
    stored.full_clean()
    stored.save()
    stored.expires_at = past - timedelta(days=1)
    stored.reason = "What is not written is not judged."
    stored.save(update_fields=["reason"])
    assert PermissionOverride.objects.get().expires_at == past
    stored.delete()
    assert not PermissionOverride.objects.exists()
