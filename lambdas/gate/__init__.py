"""Decides whether a start that is due becomes a run: holds, calendars, windows and overlap."""
