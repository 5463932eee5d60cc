"""What the parts for EBS share."""
