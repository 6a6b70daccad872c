"""Rules that create tasks: their subjects, and the defaults of a new company."""
