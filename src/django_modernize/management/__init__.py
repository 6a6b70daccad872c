"""Management commands of the base application."""
