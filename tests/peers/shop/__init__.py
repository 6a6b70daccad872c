"""A project that uses the packages for stamps and diffs; the codemod's tests bring it over."""
