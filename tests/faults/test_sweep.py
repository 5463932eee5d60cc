"""The sweep over all parts that test_sweep_ec2.py leaves; and whether every part has a scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdas.parts import all_parts, general_parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario, scenarios
from tests.faults.sweep import check, swept
from tests.faults.test_sweep_ec2 import MODULES


def test_every_part_has_a_scenario() -> None:
    assert {scenario.part for scenario in scenarios() if scenario.swept} == {*all_parts(), *general_parts()}


SERVICES = {part.partition(".")[0] for part in (*all_parts(), *general_parts())} - set(MODULES)


@pytest.mark.parametrize("scenario", swept(*SERVICES), ids=str)
def test_sweep(scenario: Scenario, aws: FaultyAws, tmp_path: Path, record_property: Callable[[str, Any], None]) -> None:
    check(scenario, aws, tmp_path, record_property)
