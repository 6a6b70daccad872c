"""The machinery behind the Makefile: environments, databases, tests, packages, pins."""
