"""The commands that keep flows from being started by their triggers."""
