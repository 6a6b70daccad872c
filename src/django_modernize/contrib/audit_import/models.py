"""The model of records that were already imported into the trail."""

from django.db import models

__all__ = ["ImportedRecord"]


class ImportedRecord(models.Model):
    """An imported record, so that another run does not import it again."""

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=201)
    """The label of the other package's model."""

    record = models.CharField(max_length=191)
    """The primary key of the record, as text."""

    class Meta:
        db_table = "modernize_audit_imported"
        constraints = [
            models.UniqueConstraint(fields=["table", "record"], name="modernize_imported_once"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.record}"
