"""IAM resources and actions that the parts for stacks have in common."""

from __future__ import annotations

from lambdas.contract.part import Allow

STACKS = ("arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}:stack/*/*",)
TEMPLATES = tuple(f"arn:${{AWS::Partition}}:s3:::*/*.{suffix}" for suffix in ("json", "template", "yaml", "yml"))
PASS_ROLE = Allow(
    ("iam:PassRole",),
    ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nightshift-*",),
    {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    named_by="cloudformation_role_arn",
)
