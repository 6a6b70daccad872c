"""Push notifications: an interface, and an implementation that only logs."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["LoggingPush", "PushBackend", "PushMessage"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class PushMessage:
    """The content of a push notification."""

    title: str
    count: int
    """How many notices it stands for."""
    task_id: int | None
    """The task to open, where it is one."""


class PushBackend(Protocol):
    """A push service; ``ARISTAY_PUSH_BACKEND`` names the class."""

    def send(self, tokens: Sequence[str], message: PushMessage) -> Collection[str]:
        """Send a message to phones.

        Args:
            tokens: What the service knows the phones by.
            message: What to show.

        Returns:
            The tokens that the service no longer knows; they are forgotten.

        Raises:
            Exception: It did not work; it is tried again.
        """


class LoggingPush:
    """Sends nothing, and logs that it would have."""

    def send(self, tokens: Sequence[str], message: PushMessage) -> Collection[str]:
        """Log the number of phones, but neither the recipients nor the text."""
        logger.info("A message for %s phones", len(tokens))
        return ()
