"""The resources and permissions that the parts for EC2 instances declare."""

from __future__ import annotations

from lambdas.contract.part import Allow

IMAGES = ("arn:${AWS::Partition}:ec2:*::image/*",)
SNAPSHOTS = ("arn:${AWS::Partition}:ec2:*::snapshot/*",)
KEYS = ("arn:${AWS::Partition}:kms:*:*:key/*",)
GRANT_KEYS = Allow(
    ("kms:CreateGrant",),
    KEYS,
    {"StringLike": {"kms:ViaService": "ec2.*"}, "Bool": {"kms:GrantIsForAWSResource": "true"}},
)
"""EC2 asks for it in the name of whoever starts or launches an instance whose volumes are encrypted with a key of the
customer, or copies such a snapshot; without it a start is accepted and the instance falls back to stopped.
Amazon EBS User Guide, "Amazon EBS encryption"."""
COPY_KEYS = Allow(
    (
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ),
    KEYS,
    {"StringLike": {"kms:ViaService": "ec2.*"}},
)
"""What EC2 does in the name of whoever copies an encrypted snapshot, or makes a volume or an instance of one. Amazon
EBS User Guide, "Amazon EBS encryption"."""
INSTANCES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",)
VOLUMES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:volume/*",)
