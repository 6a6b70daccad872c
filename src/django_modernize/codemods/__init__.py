"""Port a project's code from other packages for stamps and diffs, where renaming is enough."""
