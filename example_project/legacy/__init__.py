"""AriStay as it was before the modernisation: what the doctor is shown, and never served."""
