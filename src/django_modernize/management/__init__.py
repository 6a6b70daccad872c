"""Commands of the base application."""
