"""Keeps a deployment from ending runs: what a change takes away, and the runs that still need it."""
