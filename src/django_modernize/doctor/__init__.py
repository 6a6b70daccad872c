"""Finds legacy habits in anybody's project, and says what to write in their place."""
