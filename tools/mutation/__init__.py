"""Puts small faults into the library's core, one at a time, and sees whether a test notices.

``python -m tools.mutation map AREA...`` runs an area's own tests once on SQLite and writes down
which of them reaches which line. ``run AREA...`` draws a sample of the area's mutants, the same for
the same seed, and runs for each the tests that reach its line. What was judged is kept in
``build/mutation``, so that a run can be stopped and goes on; ``run --survivors`` judges again those
that no test noticed. ``report`` shows the survivors as diffs, and the table.
"""
