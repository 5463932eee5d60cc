"""Commands that bring the configurations of other schedulers."""
