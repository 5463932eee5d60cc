"""Fixtures for the Systems Manager parts: instances on which commands really run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.parts.driver import client
from tests.parts.managed import ManagedFleet
from tests.parts.ssm.runs import BUCKET


@pytest.fixture
def aws(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagedFleet]:
    monkeypatch.setenv("NIGHTSHIFT_RESULTS_BUCKET", BUCKET)
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET)
        yield ManagedFleet(tmp_path, s3_server)


@pytest.fixture
def hosts(aws: ManagedFleet, launch: Any) -> Any:
    """hosts(2, Role="batch") -> ids of running instances that Systems Manager manages."""

    def hosts(count: int = 1, **tags: str) -> list[str]:
        ids: list[str] = launch(count, **tags)
        aws.manage(*ids)
        return ids

    return hosts
