"""Inspectors for the structure of files, with one module for each file type."""

from .base import Decoded, Inspector, Structure, find_inspector

__all__ = ["Decoded", "Inspector", "Structure", "find_inspector"]
