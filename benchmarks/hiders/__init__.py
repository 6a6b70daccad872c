"""The packages that hide rows in place of deleting them, each set up as its documentation says."""
