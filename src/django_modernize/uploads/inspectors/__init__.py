"""One module for each type of file, which knows how such a file is put together."""

from .base import Decoded, Inspector, Structure, find_inspector

__all__ = ["Decoded", "Inspector", "Structure", "find_inspector"]
