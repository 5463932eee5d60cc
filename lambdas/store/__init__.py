"""The table that holds what the app remembers."""
