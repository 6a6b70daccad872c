"""What a guard of parents knows of a key, and what it says when it refuses one."""

from dataclasses import dataclass

__all__ = ["GuardedKey"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardedKey:
    """A key whose living rows need a living parent."""

    table: str
    key: str
    parents: str
    parent_key: str
    is_child_marked: bool
    """Whether the child can be deleted itself: then only living ones count."""

    @property
    def refusal(self) -> str:
        """What a database says that refuses a row."""
        return (
            f"{self.table}.{self.key} points to a deleted row of {self.parents}: restore the "
            "parent first, or choose another."
        )
