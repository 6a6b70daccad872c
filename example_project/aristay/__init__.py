"""AriStay: the operations backend of a short-term-rental company."""
