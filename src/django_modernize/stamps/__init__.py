"""When, by whom and from where a row was made and last changed."""
