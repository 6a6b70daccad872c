"""Conditions: a small typed tree over the fields of a subject, stored as JSON.

It is read by :mod:`.parsing`, asked of the database by :mod:`.queries`, and of values in Python by
:mod:`.evaluation`. Both give the same answer, which a property test holds them to.
"""
