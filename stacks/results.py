"""The results bucket: what does not fit a 256 KiB state."""

from __future__ import annotations

from stacks.buckets import closed
from stacks.cloudformation import Resources, attribute, deny_plain_http, policy, ref
from stacks.settings import Settings

EXPIRE_DAYS = 180
"""Twice as long as Step Functions keeps the history of a run, which refers to the objects."""


def results_bucket(settings: Settings) -> Resources:
    """The bucket and its policy. It stays when the stack is deleted: its objects are the record of what was done."""
    return {
        "ResultsBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                **closed(settings),
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "Id": "expire",
                            "Status": "Enabled",
                            "ExpirationInDays": EXPIRE_DAYS,
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        }
                    ]
                },
            },
            "DeletionPolicy": "Retain",
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
