"""The rules of the doctor, with one module for each kind of habit."""

from typing import Final

from ..findings import Rule
from .columns import FLOAT_MONEY, NULLABLE_TEXT, TEXT_ADDRESS
from .defaults import MUTABLE_DEFAULT, NAIVE_DEFAULT, WRONG_DEFAULT
from .deletions import FOREIGN_CASCADE, LOST_CHILDREN
from .follow_ups import HARDWIRED_TASKS
from .histories import TEXT_HISTORY
from .indexes import MISSING_INDEX
from .ranges import OVERLAPPING_RANGE, UNORDERED_RANGE
from .receivers import REPEATED_RECEIVER
from .stamps import MISSED_STAMP
from .uniqueness import BLOCKED_VALUE
from .uploads import UNCHECKED_UPLOAD
from .users import FIXED_USER

__all__ = ["RULES"]

RULES: Final[tuple[Rule, ...]] = (
    REPEATED_RECEIVER,
    FIXED_USER,
    UNCHECKED_UPLOAD,
    WRONG_DEFAULT,
    UNORDERED_RANGE,
    OVERLAPPING_RANGE,
    MISSING_INDEX,
    TEXT_HISTORY,
    LOST_CHILDREN,
    BLOCKED_VALUE,
    HARDWIRED_TASKS,
    MISSED_STAMP,
    FOREIGN_CASCADE,
    MUTABLE_DEFAULT,
    NAIVE_DEFAULT,
    NULLABLE_TEXT,
    TEXT_ADDRESS,
    FLOAT_MONEY,
)
