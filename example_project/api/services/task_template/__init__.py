"""The rules that make tasks: what they are about, and those that a new company begins with."""
