"""Tags for the templates of AriStay."""
