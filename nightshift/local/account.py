"""The account and the region that a local AWS is."""

ACCOUNT = "123456789012"
"""Also moto's own, so that the fleet and the control plane agree on it."""

REGION = "ap-northeast-1"

ORGANIZATION = "o-nightshift"
"""The organization that all accounts of a local AWS belong to."""

OF_ACCOUNT = "X-Moto-Account-Id"
"""The header that tells moto whose request it is."""
