"""Buckets, and an instance on which scripts really run, for the fault scenarios of the S3 parts."""

from __future__ import annotations

from tests.faults.injection import FaultyAws
from tests.faults.world import client
from tests.parts.fleet import launch


def bucket(name: str, *keys: str, versions: bool = False) -> str:
    """A bucket with objects."""
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=f"this is {key}".encode())
    return name


def host(aws: FaultyAws) -> str:
    """An instance on which scripts really run."""
    bucket("results")
    (instance,) = launch(1)
    aws.manage(instance)
    aws.runs = True
    return instance
