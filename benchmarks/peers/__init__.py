"""The packages that the audit trail is compared with, each set up as its documentation says."""
