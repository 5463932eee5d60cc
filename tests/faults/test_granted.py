"""Granted = called: the IAM actions of a part are those of the API calls it makes in its scenarios, neither more nor
less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdas.parts import all_parts, find_part
from tests.faults.injection import FaultyAws
from tests.faults.machine import compile_part, execute
from tests.faults.scenarios import scenarios

SERVICES = {
    "elastic-load-balancing": "elasticloadbalancing",
    "elastic-load-balancing-v2": "elasticloadbalancing",
    "sesv2": "ses",
}
"""Service of botocore -> prefix of its IAM actions, where they differ."""

ACTIONS = {
    "s3:CompleteMultipartUpload": ["s3:PutObject"],
    "s3:CopyObject": ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"],
    "s3:CreateMultipartUpload": ["s3:PutObject"],
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
    "s3:ListParts": ["s3:ListMultipartUploadParts"],
    "s3:UploadPart": ["s3:PutObject"],
    "s3:UploadPartCopy": ["s3:GetObject", "s3:PutObject"],
}
"""API operation -> IAM actions, where they are not called the same. Amazon S3 User Guide, "Required permissions for
Amazon S3 API operations"."""

COPY = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]
KEY_ACTIONS = {
    "ec2:CopySnapshot": COPY,
    "ec2:RunInstances": COPY,
    "ec2:StartInstances": ["kms:CreateGrant"],
}
"""API operation -> what EC2 does with the keys of encrypted volumes and snapshots in the name of the caller."""


def needed(service: str, operation: str, params: dict[str, Any]) -> Iterator[str]:
    """The IAM actions for a call."""
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
    if params.get("RoleARN") or (action == "ec2:RunInstances" and "IamInstanceProfile" in params):
        yield "iam:PassRole"
    if service == "cloudformation" and params.get("Tags"):
        yield "cloudformation:TagResource"
    if service == "cloudformation" and params.get("TemplateURL"):
        # CloudFormation fetches it as whoever calls.
        yield "s3:GetObject"
    if action == "s3:CreateMultipartUpload" and params.get("Tagging"):
        yield "s3:PutObjectTagging"


@pytest.mark.parametrize("part", sorted(all_parts()))
def test_granted_is_called(part: str, aws: FaultyAws, tmp_path: Path) -> None:
    called: set[str] = set()
    for scenario in (s for s in scenarios() if s.part == part):
        for dry_run in (False, True):
            aws.start()
            params = scenario.begin(aws)
            execute(compile_part(part, {**params, "dry_run": dry_run}, tmp_path), aws)
            for service, operation, given in aws.services:
                # Every function may use the results bucket.
                if given.get("Bucket") != "results":
                    called.update(needed(service, operation, given))
    assert {action for allow in find_part(part).allow for action in allow.actions} == called
