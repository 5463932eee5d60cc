"""Launches MiniStack with the gaps mended that flows would notice."""
