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
"""EC2 asks for it in the name of whoever starts an instance whose volumes are encrypted with a key of the customer;
without it the start is accepted and the instance falls back to stopped.
Amazon EBS User Guide, "Amazon EBS encryption"."""
INSTANCES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",)
VOLUMES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:volume/*",)
LAUNCHED_INTO = tuple(
    f"arn:${{AWS::Partition}}:ec2:*:{account}:{kind}/*"
    for account, kind in (
        ("*", "subnet"),
        ("*", "security-group"),
        ("${AWS::AccountId}", "network-interface"),
        ("${AWS::AccountId}", "key-pair"),
        ("", "snapshot"),
    )
)
"""What a launch needs besides the instance, its volumes and its image; subnets and security groups may be shared by
another account. Amazon EC2 User Guide, "Example policies to control access the Amazon EC2 API", "Launch instances"."""
LAUNCH_KEY_ACTIONS = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What EC2 does in the name of whoever launches an instance from encrypted snapshots. Amazon EBS User Guide, "Amazon
EBS encryption"."""

LAUNCH = (
    Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeImages")),
    Allow(("ec2:DescribeInstanceAttribute",), INSTANCES),
    Allow(("ec2:RunInstances",), (*INSTANCES, *VOLUMES), {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
    Allow(("ec2:RunInstances",), IMAGES, {"StringLike": {"aws:ResourceTag/nightshift:instance": "?*"}}),
    Allow(("ec2:RunInstances",), LAUNCHED_INTO),
    Allow(("ec2:CreateTags",), (*INSTANCES, *VOLUMES), {"StringEquals": {"ec2:CreateAction": "RunInstances"}}),
    Allow(
        ("iam:PassRole",),
        ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",),
        {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    ),
    Allow(LAUNCH_KEY_ACTIONS, KEYS, {"StringLike": {"kms:ViaService": "ec2.*"}}),
)
"""What ec2.run_instances needs: only images that nightshift made, and only with its tags on what is launched."""

MAKE_IMAGES = (
    Allow(("ec2:DescribeInstances", "ec2:DescribeImages", "ec2:DescribeSnapshots")),
    Allow(("ec2:CreateImage",), INSTANCES),
    Allow(("ec2:CreateImage",), (*IMAGES, *SNAPSHOTS), {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
    Allow(("ec2:CreateTags",), (*IMAGES, *SNAPSHOTS), {"StringEquals": {"ec2:CreateAction": "CreateImage"}}),
    Allow(("ec2:DeregisterImage",), IMAGES, {"StringLike": {"aws:ResourceTag/nightshift:flow": "?*"}}),
    Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:instance": "?*"}}),
)
"""What ec2.create_image needs: it deletes only what nightshift made."""
