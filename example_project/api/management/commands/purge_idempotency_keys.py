"""``manage.py purge_idempotency_keys``: delete expired idempotency keys."""

from typing import Any

from django.core.management.base import BaseCommand

from api.services.idempotency import KEPT_FOR, purge_keys

__all__ = ["Command"]


class Command(BaseCommand):
    """Delete expired keys; run it once a day."""

    help = f"Delete the answers of idempotency keys that are older than {KEPT_FOR.days} days."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them, and print how many."""
        self.stdout.write(f"Deleted {purge_keys():,} idempotency keys.")
