"""Everybody has one profile.

Users without one get one, as viewers. Of several the first stays, with the least of the roles and
what the others know beside it; they are set aside. Roles and time zones that do not exist are mended.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import api.models.base
from api.modernising.carry import Carry
from api.modernising.profiles import leave_one_profile
from api.modernising.reshape import Reshape


class Migration(migrations.Migration):
    dependencies = [("api", "0002_user_model")]

    operations = [
        Carry("profile_once", leave_one_profile),
        Reshape(
            migrations.RenameField("Profile", "timezone", "time_zone"),
            migrations.AlterField(
                "Profile",
                "time_zone",
                models.CharField(
                    default=api.models.base.default_time_zone,
                    max_length=63,
                    validators=[api.models.base.validate_time_zone],
                ),
            ),
            migrations.RenameField("Profile", "phone_number", "phone"),
            migrations.AlterField("Profile", "phone", models.CharField(blank=True, max_length=30)),
            migrations.AlterField(
                "Profile",
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="profile",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AlterField(
                "Profile",
                "role",
                models.CharField(
                    choices=[
                        ("viewer", "viewer"),
                        ("staff", "staff"),
                        ("manager", "manager"),
                        ("superuser", "superuser"),
                    ],
                    default="viewer",
                    max_length=20,
                ),
            ),
        ),
    ]
