"""Tamper evidence for the trail: digests, seals over them, and their verification."""
