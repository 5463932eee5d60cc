"""Launches MiniStack and patches the gaps that flows would notice."""
