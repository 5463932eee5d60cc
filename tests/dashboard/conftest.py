"""An AWS of its own for the API: the table, state machines of the shipped flows, and their catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.dashboard import deployment
from lambdas.runs.app_names import AppNames
from lambdas.store.table import table as own_table
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from nightshift.views.catalogue_file import catalogue_json
from tests.dashboard.api import Api
from tests.tables import REGION, table

__all__ = ["table"]

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def flows() -> list[CompiledFlow]:
    """The shipped flows: evening_stop and morning_start are those of the service desk."""
    return load_flows(ROOT / "flow_defs")


@pytest.fixture(scope="session")
def catalogue_file(flows: list[CompiledFlow], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their catalogue."""
    file = tmp_path_factory.mktemp("catalogue") / "flows.json"
    file.write_bytes(catalogue_json(flows, ROOT / "flow_defs", AppNames()))
    return file


@pytest.fixture
def aws(table: Any, flows: list[CompiledFlow], catalogue_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The table, with state machines and the environment of the function beside it."""
    environment = {
        "AWS_REGION": REGION,
        "NIGHTSHIFT_ACCOUNT": ACCOUNT,
        "NIGHTSHIFT_PREFIX": "nightshift",
        "NIGHTSHIFT_CATALOGUE": str(catalogue_file),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    caches = (own_table, deployment.step_functions, deployment.ec2, deployment._resource_names)
    for cache in caches:
        cache.cache_clear()
    client = boto3.client("stepfunctions", region_name=REGION)
    definition = '{"StartAt": "x", "States": {"x": {"Type": "Pass", "End": true}}}'
    for flow in flows:
        role = f"arn:aws:iam::{ACCOUNT}:role/any"
        client.create_state_machine(name=f"nightshift-{flow.name}", definition=definition, roleArn=role)
    yield table
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def admin(aws: Any) -> Api:
    """The API, for somebody who may do everything."""
    return Api()


@pytest.fixture
def desk(aws: Any) -> Api:
    """The API, for somebody of the service desk."""
    return Api("dora", ("service-desk",))
