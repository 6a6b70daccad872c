"""Names are unique among living rows, so that a deleted one blocks none.

Names that differ in spaces or case alone are told apart, and each is written down.
"""

from django.db import migrations, models

from api.modernising.carry import Carry
from api.modernising.names import tell_names_apart
from api.modernising.reshape import Reshape
from django_modernize.integrity import UniqueAlive
from django_modernize.migrate import AddConstraintSafely, UniqueToAlive


class Migration(migrations.Migration):
    dependencies = [("api", "0008_soft_delete")]

    operations = [
        Carry("unique_names", tell_names_apart),
        Reshape(
            migrations.AlterField(
                "InventoryItem",
                "sku",
                models.CharField(blank=True, max_length=50, verbose_name="stock number"),
            )
        ),
        UniqueToAlive("Property", UniqueAlive("name", name="property_name_unique")),
        UniqueToAlive(
            "PropertyOwnership",
            UniqueAlive("property", "user", "ownership_type", name="property_ownership_unique"),
        ),
        UniqueToAlive(
            "PropertyInventory", UniqueAlive("property", "item", name="property_inventory_unique")
        ),
        AddConstraintSafely(
            "ChecklistTemplate", UniqueAlive("name", name="checklist_template_unique")
        ),
        AddConstraintSafely("InventoryItem", UniqueAlive("name", name="inventory_item_unique")),
        AddConstraintSafely(
            "InventoryItem",
            UniqueAlive("sku", condition=~models.Q(sku=""), name="inventory_sku_unique"),
        ),
    ]
