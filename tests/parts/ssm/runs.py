"""What commands have left behind: how often they ran on an instance, and their output in the bucket."""

from __future__ import annotations

from tests.parts.driver import client
from tests.parts.managed import ManagedFleet

BUCKET = "results"
COUNTING = "mkdir -p /data/runs; echo run >>/data/runs/log; echo counted"


def runs(aws: ManagedFleet, instance: str) -> int:
    log = aws.disk(instance) / "data/runs/log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def stored(location: str) -> str:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return str(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(), "utf-8")
