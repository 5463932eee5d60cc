"""The account and the region that a local AWS is."""

ACCOUNT = "123456789012"
"""Also moto's own, so that the fleet and the control plane agree on it."""

REGION = "ap-northeast-1"
