"""The ways to change a row, by what they go through; see :mod:`.walk`."""
