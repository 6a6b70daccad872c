"""Articles, whose diffs are looked at."""

import datetime as dt
import uuid
from contextlib import contextmanager
from decimal import Decimal

from tests.testapp.models import Article

TOKEN = uuid.UUID(int=7)


def load_article(writer):
    """Return a row as a query gives it."""
    made = Article.objects.create(
        title="one",
        pages=1001,
        price=Decimal("1.10"),
        printed_at=dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC),
        token=TOKEN,
        extra={"list": [1]},
        tags=["a", "b"],
        digest=b"x",
        scan="scan.txt",
        writer=writer,
    )
    return Article.objects.get(pk=made.pk)


def stored(instance):
    return type(instance).objects.get(pk=instance.pk)


@contextmanager
def connected(signal, receiver, sender=Article):
    signal.connect(receiver, sender=sender)
    try:
        yield
    finally:
        signal.disconnect(receiver, sender=sender)
