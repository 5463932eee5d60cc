"""The resources that the parts for RDS declare."""

from __future__ import annotations

INSTANCES = ("arn:${AWS::Partition}:rds:*:${AWS::AccountId}:db:*",)
CLUSTERS = ("arn:${AWS::Partition}:rds:*:${AWS::AccountId}:cluster:*",)
SNAPSHOTS = ("arn:${AWS::Partition}:rds:*:${AWS::AccountId}:snapshot:*",)
CLUSTER_SNAPSHOTS = ("arn:${AWS::Partition}:rds:*:${AWS::AccountId}:cluster-snapshot:*",)
SHARED_SNAPSHOTS = ("arn:${AWS::Partition}:rds:*:*:snapshot:*",)
SHARED_CLUSTER_SNAPSHOTS = ("arn:${AWS::Partition}:rds:*:*:cluster-snapshot:*",)
"""Those of other accounts, too."""
KEYS = ("arn:${AWS::Partition}:kms:*:*:key/*",)

MADE_BY_A_FLOW = {"StringLike": {"aws:ResourceTag/nightshift:flow": "?*"}}
"""The condition for what rotation deletes."""
