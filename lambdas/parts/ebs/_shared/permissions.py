"""The resources that the parts for EBS name in their permissions."""

from __future__ import annotations

SNAPSHOTS = ("arn:${AWS::Partition}:ec2:*::snapshot/*",)
VOLUMES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:volume/*",)
