"""What the migrations from the legacy system do to rows, phase by phase, and how they undo it.

Used by migrations only. Never change a phase that has been released.
"""
