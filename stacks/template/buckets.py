"""What every bucket of nightshift is: encrypted, its owner's alone, and closed to the public."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import Json, tags


def closed(settings: Settings) -> dict[str, Json]:
    """Properties of an AWS::S3::Bucket that nobody reaches but by its policy and IAM."""
    key = settings.company.key_arn
    rule: dict[str, Json] = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    if key:
        # A key of the bucket's own keeps S3 from asking KMS for each object.
        rule = {
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
            "BucketKeyEnabled": True,
        }
    return {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "Tags": tags(settings.app),
    }
