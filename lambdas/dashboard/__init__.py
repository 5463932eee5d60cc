"""The HTTP API of the dashboard: what operators see of the flows and their runs, and what they may do to them."""
