"""IAM of the fleet: what a request needs, and the refusal of one whose role does not allow it."""
