"""Systems Manager on the fleet's instances: Run Command and the agents it reaches."""
