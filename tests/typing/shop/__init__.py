"""The project's one application."""
