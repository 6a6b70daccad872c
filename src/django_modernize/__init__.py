"""Building blocks that say when, by whom and how a Django row changed, and bring it back."""

__version__ = "1.0.0"
