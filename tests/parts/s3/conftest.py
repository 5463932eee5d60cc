"""Fixtures for the S3 parts: moto's S3, also for curl on an instance, and parts of objects as small as a test needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.parts.managed import ManagedFleet
from tests.parts.s3.large import make_parts_small
from tests.parts.s3.objects import BUCKET, HOST, new_buckets


@pytest.fixture
def aws(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagedFleet]:
    monkeypatch.setenv("NIGHTSHIFT_RESULTS_BUCKET", "results")
    with mock_aws():
        fleet = ManagedFleet(tmp_path, s3_server)
        fleet.manage(HOST)
        yield fleet


@pytest.fixture
def s3(aws: ManagedFleet) -> Any:
    return new_buckets()


@pytest.fixture
def versioned(s3: Any) -> Any:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


@pytest.fixture
def data(aws: ManagedFleet) -> Path:
    """The folder /data of the instance."""
    folder = aws.disk(HOST) / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def small_parts(aws: ManagedFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects over 1 MiB go in parts."""
    make_parts_small(aws, monkeypatch)
