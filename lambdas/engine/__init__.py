"""What parts are made of: selection, pacing, progress, and making things with generations."""
