"""Stocks never fall below zero, and each movement says what it left.

Items get a category, prices are decimal. Numbers that cannot be are mended, movements of nothing are
set aside; what was taken is negative from here on.
"""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.reshape import Reshape
from api.modernising.soft_delete import list_marks
from api.modernising.stamps import list_stamps
from api.modernising.stock import (
    give_category,
    mend_stock,
    sign_movements,
    unsign_movements,
)
from django_modernize.integrity import UniqueAlive

PHASE = "stock"


class Migration(migrations.Migration):
    dependencies = [("api", "0012_uploads")]

    operations = [
        migrations.CreateModel(
            name="InventoryCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                *list_marks().items(),
                *list_stamps(),
                ("name", models.CharField(max_length=100)),
            ],
            options={
                "verbose_name_plural": "inventory categories",
                "ordering": ["name"],
                "constraints": [UniqueAlive("name", name="inventory_category_unique")],
            },
        ),
        Carry(f"{PHASE}: numbers", mend_stock),
        Reshape(
            migrations.AlterField(
                "InventoryItem",
                "cost",
                models.DecimalField(
                    blank=True,
                    decimal_places=2,
                    max_digits=10,
                    null=True,
                    validators=[django.core.validators.MinValueValidator(Decimal(0))],
                    verbose_name="cost of one",
                ),
            ),
            migrations.AddField(
                "InventoryItem",
                "category",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="api.inventorycategory",
                ),
            ),
            migrations.RenameField("InventoryTransaction", "quantity", "change"),
            migrations.AddField(
                "InventoryTransaction",
                "stock_after",
                models.DecimalField(decimal_places=2, default=0, max_digits=10),
            ),
        ),
        Carry(f"{PHASE}: category", give_category),
        Carry(f"{PHASE}: movements", sign_movements, unsign_movements),
        Reshape(
            migrations.AlterField(
                "InventoryItem",
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="api.inventorycategory",
                ),
            ),
        ),
    ]
