"""What belongs to one flow."""
