"""The folder of templates, and a client of CloudFormation whose calls are not counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.parts.cloudformation.stacks import TEMPLATE
from tests.parts.driver import TestAws


@pytest.fixture(autouse=True)
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "jobs.json").write_text(json.dumps(TEMPLATE))
    monkeypatch.setenv("NIGHTSHIFT_TEMPLATES", str(tmp_path))
    return tmp_path


@pytest.fixture
def cloud(aws: TestAws) -> Any:
    return boto3.client("cloudformation")
