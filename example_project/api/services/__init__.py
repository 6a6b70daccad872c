"""Business actions over several rows: views, admin and commands call them, never the reverse."""
