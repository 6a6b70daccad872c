"""Repeatable measurements of the library against plain Django: ``python -m benchmarks --help``."""
