"""Requests to systems beyond AWS: the hosts that may be reached, secrets in their places, one HTTPS request."""
