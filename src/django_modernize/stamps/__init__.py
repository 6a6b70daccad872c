"""Stamps: when, by whom and from where a row was created and last changed."""
