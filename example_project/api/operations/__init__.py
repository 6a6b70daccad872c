"""What those who run AriStay look at: its health, its log, and which features are on."""
