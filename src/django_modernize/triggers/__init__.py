"""Declare, install and compare the library's database triggers."""
