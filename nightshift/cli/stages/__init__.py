"""`nightshift diff` and `nightshift deploy`: what a stage would change, and changing it."""
