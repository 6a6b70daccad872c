"""What the migrations from the legacy system do with its rows, phase by phase, and back again.

Migrations alone use it. A phase that is released is changed no more.
"""
