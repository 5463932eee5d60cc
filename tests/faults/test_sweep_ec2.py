"""The sweep over the parts for EC2 and load balancers; in a file of its own so that two workers share the sweep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.sweep import check, swept

MODULES = ("ec2", "elb")


@pytest.mark.parametrize("scenario", swept(*MODULES), ids=str)
def test_sweep(scenario: Scenario, aws: FaultyAws, tmp_path: Path, record_property: Callable[[str, Any], None]) -> None:
    check(scenario, aws, tmp_path, record_property)
