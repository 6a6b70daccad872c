"""The proof that nobody rewrote the trail: digests, seals over them, and their verification."""
