"""From a CloudWatch alarm to a run."""
