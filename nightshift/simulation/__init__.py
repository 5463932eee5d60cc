"""Simulation: a year of flows in virtual time, on a fleet in this process, without AWS and without waiting."""
