"""Brings a project's code over from other packages for stamps and diffs, where names suffice."""
