"""What stopping and starting instances has saved."""
