"""The foreign keys that parent guards check, and the messages with which they refuse a row."""

from dataclasses import dataclass

__all__ = ["GuardedKey"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardedKey:
    """A foreign key whose live rows need a live parent."""

    table: str
    key: str
    parents: str
    parent_key: str
    is_child_marked: bool
    """Whether the child is soft-deletable, so that only live children are checked."""

    @property
    def refusal(self) -> str:
        """The database's message when it refuses a row."""
        return (
            f"{self.table}.{self.key} points to a deleted row of {self.parents}: restore the "
            "parent first, or choose another."
        )
