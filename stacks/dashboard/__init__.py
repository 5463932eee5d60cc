"""The dashboard: its API, its page, and who uses it."""
