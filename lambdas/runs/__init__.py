"""Runs of flows: starting one, reading its history, and what to do about one that failed."""
