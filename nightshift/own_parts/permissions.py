"""Which IAM actions an API call needs, where they are not called the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SERVICES = {
    "elastic-load-balancing": "elasticloadbalancing",
    "elastic-load-balancing-v2": "elasticloadbalancing",
    "sesv2": "ses",
    "sfn": "states",
    "cloudwatch-logs": "logs",
    "eventbridge": "events",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
    "opensearch": "es",
    "resource-groups-tagging-api": "tag",
    "cost-explorer": "ce",
    "auto-scaling": "autoscaling",
    "database-migration-service": "dms",
    "directory-service": "ds",
    "route-53": "route53",
    "secrets-manager": "secretsmanager",
}
"""Service of botocore's events -> prefix of its IAM actions, where they differ ("Actions, resources, and condition keys
for AWS services", Service Authorization Reference)."""

ACTIONS = {
    "lambda:Invoke": ["lambda:InvokeFunction"],
    "s3:CompleteMultipartUpload": ["s3:PutObject"],
    "s3:CopyObject": ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"],
    "s3:CreateMultipartUpload": ["s3:PutObject"],
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:ListBuckets": ["s3:ListAllMyBuckets"],
    "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "s3:ListObjects": ["s3:ListBucket"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
    "s3:ListParts": ["s3:ListMultipartUploadParts"],
    "s3:UploadPart": ["s3:PutObject"],
    "s3:UploadPartCopy": ["s3:GetObject", "s3:PutObject"],
    "sns:PublishBatch": ["sns:Publish"],
    "sqs:DeleteMessageBatch": ["sqs:DeleteMessage"],
    "sqs:SendMessageBatch": ["sqs:SendMessage"],
}
"""API operation -> IAM actions, where they are not called the same. Amazon S3 User Guide, "Required permissions for
Amazon S3 API operations"."""

UNLIKE = ("apigateway", "apigatewayv2", "dynamodb", "iot-data", "lambda", "s3", "s3control")
"""Services some of whose IAM actions are called otherwise than the operations they allow."""

COPY = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]
KEY_ACTIONS = {
    "ec2:AttachVolume": ["kms:CreateGrant"],
    "ec2:CopyImage": COPY,
    "ec2:CopySnapshot": COPY,
    "ec2:CreateVolume": COPY,
    "ec2:RunInstances": COPY,
    "ec2:StartInstances": ["kms:CreateGrant"],
    "rds:CopyDBClusterSnapshot": COPY,
    "rds:CopyDBSnapshot": COPY,
}
"""API operation -> what EC2 and RDS do with the keys of encrypted volumes and snapshots in the name of the caller."""


def needed_actions(service: str, operation: str, params: dict[str, Any]) -> Iterator[str]:
    """The IAM actions for a call. service: as botocore's events name it. operation: such as "DescribeInstances"."""
    action = f"{SERVICES.get(service, service)}:{operation}"
    if action == "s3:DeleteObjects":
        yield "s3:DeleteObject"
        if any("VersionId" in entry for entry in params["Delete"]["Objects"]):
            yield "s3:DeleteObjectVersion"
        return
    yield from ACTIONS.get(action, [action])
    yield from KEY_ACTIONS.get(action, [])
    if service == "ec2" and "TagSpecifications" in params:
        yield "ec2:CreateTags"
    if action == "ecs:RunTask":
        # The roles of its task definition.
        yield "iam:PassRole"
    if action == "ssm:StartAutomationExecution" and "AutomationAssumeRole" in params.get("Parameters", {}):
        yield "iam:PassRole"
    if params.get("RoleARN") or (action == "ec2:RunInstances" and "IamInstanceProfile" in params):
        yield "iam:PassRole"
    if service == "rds" and params.get("Tags"):
        yield "rds:AddTagsToResource"
    if service == "cloudformation" and params.get("Tags"):
        yield "cloudformation:TagResource"
    if service == "cloudformation" and params.get("TemplateURL"):
        # CloudFormation fetches it as whoever calls.
        yield "s3:GetObject"
    if action == "s3:CreateMultipartUpload" and params.get("Tagging"):
        yield "s3:PutObjectTagging"
