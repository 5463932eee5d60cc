"""Answers of EC2 without moto's way through the whole model for each resource: as a client reads them, and as XML."""
