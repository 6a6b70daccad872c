"""What the way over from the legacy system did to rows; its report, and what it goes back by."""

from django.db import models

__all__ = ["ModernisationRecord"]


class ModernisationRecord(models.Model):
    """One row that a phase of the modernisation changed, set aside or made; migrations write it."""

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
