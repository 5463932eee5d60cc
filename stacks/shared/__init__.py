"""What the flows of an app share."""
