"""The daily digest: one mail in each person's morning, with what the day brings."""

from .content import Digest, read_digests
from .sending import DigestCounts, send_digests

__all__ = ["Digest", "DigestCounts", "read_digests", "send_digests"]
