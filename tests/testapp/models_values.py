"""Models for what the trail does with values."""

import json
from decimal import Decimal

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from django_modernize.audit import track

__all__ = ["Purse", "WideRow"]


class Money:
    """A value of a project's own."""

    def __init__(self, amount, currency):
        self.amount, self.currency = Decimal(amount), currency

    def __eq__(self, other):
        return (self.amount, self.currency) == (other.amount, other.currency)

    def __hash__(self):
        return hash((self.amount, self.currency))


class MoneyField(models.CharField):
    """Keeps it as text, and gives it back as what it is."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else Money(*value.split())

    def get_prep_value(self, value):
        return f"{value.amount} {value.currency}" if isinstance(value, Money) else value


class ListDecoder(json.JSONDecoder):
    """Reads lists as tuples."""

    def decode(self, text):
        value = super().decode(text)
        return tuple(value) if isinstance(value, list) else value


@track(renamed={"owner": "holder"}, removed={"weight": models.DecimalField()})
class Purse(models.Model):
    """Has fields of a project's own, had one under another name, and lost one."""

    money = MoneyField(max_length=20, null=True)
    holder = models.UUIDField(null=True)
    coins = models.JSONField(null=True, encoder=DjangoJSONEncoder, decoder=ListDecoder)


WideRow = track(
    type(
        "WideRow",
        (models.Model,),
        {
            "__module__": __name__,
            "__doc__": "Has more columns than a function takes arguments.",
            **{f"column_{number}": models.JSONField(null=True) for number in range(150)},
        },
    )
)


if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
    from django.contrib.postgres import fields

    __all__ += ["Drawer"]

    @track
    class Drawer(models.Model):
        """Has the types that only PostgreSQL knows."""

        names = fields.ArrayField(models.TextField(null=True), null=True)
        prices = fields.ArrayField(models.DecimalField(max_digits=30, decimal_places=10), null=True)
        moments = fields.ArrayField(models.DateTimeField(), null=True)
        pauses = fields.ArrayField(models.DurationField(), null=True)
        keys = fields.ArrayField(models.UUIDField(), null=True)
        blobs = fields.ArrayField(models.BinaryField(), null=True)
        grid = fields.ArrayField(fields.ArrayField(models.IntegerField()), null=True)
        numbers = fields.BigIntegerRangeField(null=True)
        amounts = fields.DecimalRangeField(null=True)
        days = fields.DateRangeField(null=True)
        times = fields.DateTimeRangeField(null=True)
