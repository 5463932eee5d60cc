"""What Auto Scaling does and moto does not: capacity over time. Importing this package registers all of it."""

from nightshift.local.fleet.groups import capacity, refresh, standby

__all__ = ["capacity", "refresh", "standby"]
