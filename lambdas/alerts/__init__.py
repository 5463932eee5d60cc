"""Telling people of runs that need them."""
