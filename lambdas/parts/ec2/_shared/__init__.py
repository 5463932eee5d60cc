"""What the parts for EC2 share, and what those of other services ask of it."""
