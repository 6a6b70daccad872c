"""What the migration from the legacy system did to rows: its report, and how it is undone."""

from django.db import models

__all__ = ["ModernisationRecord"]


class ModernisationRecord(models.Model):
    """A row that a phase of the migration changed, set aside or created. Written by migrations."""

    class Action(models.TextChoices):
        """What was done."""

        CHANGED = "changed", "changed"
        SET_ASIDE = "set_aside", "set aside"
        MADE = "made", "made"

    phase = models.CharField(max_length=50)
    model = models.CharField(max_length=100)
    object_id = models.BigIntegerField("key")
    action = models.CharField(max_length=10, choices=Action.choices)
    old = models.JSONField("values before", default=dict)
    new = models.JSONField("values after", default=dict)
    reason = models.TextField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["phase", "model", "object_id"], name="modernisation_row"),
            models.Index(fields=["recorded_at"], name="modernisation_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.phase}: {self.model} {self.object_id} {self.get_action_display()}"
