"""What the fault sweep has http.request do."""

from __future__ import annotations

from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client

URL = "https://hooks.example.com/api"


def _once(aws: FaultyAws) -> dict[str, Any]:
    client("secretsmanager").create_secret(Name="nightshift/hook", SecretString="hidden")
    return {"url": URL, "headers": {"Authorization": "Bearer {secret}"}, "secret": "nightshift/hook", "body": "x"}


def _repeated(aws: FaultyAws) -> dict[str, Any]:
    """The receiver drops a repetition."""
    aws.by_key = True
    return {**_once(aws), "idempotent": True}


def _read(aws: FaultyAws) -> dict[str, Any]:
    return {"url": URL, "method": "GET"}


SCENARIOS = [
    Scenario("sent once", "http.request", _once, once=True),
    Scenario("idempotent", "http.request", _repeated),
    Scenario("a read", "http.request", _read),
]
