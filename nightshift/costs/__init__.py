"""What an app costs: counted from its flows and from what a simulation did, at the prices of a region."""
