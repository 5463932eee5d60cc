"""The results bucket: what does not fit a 256 KiB state."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.buckets import closed
from stacks.template.cloudformation import KEEP, Resources, attribute, deny_plain_http, policy, ref

EXPIRE_DAYS = 180
"""Twice as long as Step Functions keeps the history of a run, which refers to the objects."""

EARLIER_DAYS = 30
"""How long a version is kept that was overwritten or deleted."""


def results_bucket(settings: Settings) -> Resources:
    """The bucket and its policy. It stays when the stack is deleted: its objects are the record of what was done."""
    return {
        "ResultsBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                **closed(settings),
                # What a run wrote cannot be overwritten without a trace.
                "VersioningConfiguration": {"Status": "Enabled"},
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "Id": "expire",
                            "Status": "Enabled",
                            "ExpirationInDays": EXPIRE_DAYS,
                            "NoncurrentVersionExpiration": {"NoncurrentDays": EARLIER_DAYS},
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        }
                    ]
                },
            },
            "DeletionPolicy": KEEP,
            "UpdateReplacePolicy": "Retain",
        },
        "ResultsBucketPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": ref("ResultsBucket"),
                "PolicyDocument": policy(
                    [deny_plain_http("s3:*", [attribute("ResultsBucket"), {"Fn::Sub": "${ResultsBucket.Arn}/*"}])]
                ),
            },
        },
    }
