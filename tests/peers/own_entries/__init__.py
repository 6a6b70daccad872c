"""A project with a log entry model of its own: a process of its own, since it is a setting."""
