"""Timestamps, diffs, soft delete, an audit trail and other building blocks for Django models."""

__version__ = "1.0.0"
