"""Asks people for an answer that a run waits for."""
