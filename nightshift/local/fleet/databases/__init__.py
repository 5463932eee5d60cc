"""What RDS does and moto does not: states over time. Importing this package registers all of it."""

from nightshift.local.fleet.databases import clusters, instances, snapshots

__all__ = ["clusters", "instances", "snapshots"]
