"""A day of AriStay with many people at once, and what the server makes of it."""
