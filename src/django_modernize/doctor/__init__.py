"""Find legacy habits in a project, and suggest what to write instead."""
