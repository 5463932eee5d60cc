"""What the S3 parts may act on.

The bucket is known only when the flow runs; it has to be in this account. `*` in the ARN of a bucket matches "/" too,
so the two kinds of resources cannot be told apart by their ARNs, only by the actions.
"""

from __future__ import annotations

BUCKETS = ("arn:${AWS::Partition}:s3:::*",)
OBJECTS = ("arn:${AWS::Partition}:s3:::*/*",)
OWN = {"StringEquals": {"s3:ResourceAccount": "${AWS::AccountId}"}}
