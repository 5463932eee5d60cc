"""A dry run of each part changes nothing and lists exactly what the real run then changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.injection import FaultyAws
from tests.faults.machine import compile_part, execute
from tests.faults.scenarios import Scenario, scenarios
from tests.faults.world import Inventory

TOLD = ("eventbridge", "http", "sesv2", "sns", "sqs", "ssm")


@pytest.mark.parametrize("scenario", [s for s in scenarios() if not s.fails], ids=str)
def test_dry_run_tells_the_truth(scenario: Scenario, aws: FaultyAws, tmp_path: Path) -> None:
    aws.start()
    params = scenario.begin(aws)
    inventory = Inventory(
        aws,
        {
            "auto-scaling",
            "ec2",
            "elastic-load-balancing",
            "elastic-load-balancing-v2",
            "cloudformation",
            "batch",
            "ecs",
            "glue",
            "lambda",
            "sfn",
            "rds",
            "route-53",
            "s3",
            *TOLD,
        },
    )
    before = inventory.begin()
    dry = execute(compile_part(scenario.part, {**params, "dry_run": True}, tmp_path), aws)
    assert not dry.error, dry
    after = inventory.world()
    assert not before - after
    assert not {item for item in after - before if not (scenario.lists and item.what.startswith("command "))}
    real = execute(compile_part(scenario.part, params, tmp_path), aws)
    for name in ("part", "matched", "changed", "skipped", "failed", "deleted"):
        assert dry.result.get(name) == real.result.get(name), name
