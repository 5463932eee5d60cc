"""What Auto Scaling does and moto does not: capacity over time. Importing this package registers all of it."""

from nightshift.local.fleet.groups import capacity, health, refresh, standby

__all__ = ["capacity", "health", "refresh", "standby"]
