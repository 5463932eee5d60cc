"""What is counted for the bill is what the templates deploy."""

from __future__ import annotations

from typing import Any

from lambdas.tracker import rounds
from nightshift.costs import counts
from nightshift.costs.counts import Installed
from tests.stacks.conftest import Synthesized, every_flow


def alarms(app: Synthesized) -> list[dict[str, Any]]:
    """All alarms of the templates."""
    return [alarm["Properties"] for alarm in app.resources("AWS::CloudWatch::Alarm")]


def memory(app: Synthesized) -> dict[str, float]:
    """GB by the name of the function, without the prefix."""
    found = [f["Properties"] for f in app.resources("AWS::Lambda::Function")]
    return {f["FunctionName"].removeprefix("nightshift-"): f.get("MemorySize", 128) / 1024 for f in found}


def test_the_alarms_that_are_counted_are_those_that_are_deployed(app: Synthesized) -> None:
    installed = Installed(every_flow(), {})
    assert installed.own_alarms() + installed.flow_alarms() == len(alarms(app))


def test_the_memory_that_is_counted_is_that_of_the_functions(app: Synthesized) -> None:
    found = memory(app)
    assert found["ec2-stop_instances"] == counts.PART_GB
    assert {found["tracker"], found["tracker_reconciler"]} == {counts.TRACKER_GB}
    assert {found[name] for name in ("gate", "alarm_receiver", "alarm_keeper", "approval")} == {counts.OTHER_GB}


def test_the_rounds_that_are_counted_are_those_of_the_rules(app: Synthesized) -> None:
    assert counts.RECONCILER_AN_HOUR == 60 / rounds.INTERVAL_MINUTES
    given = {rule["Properties"].get("ScheduleExpression") for rule in app.resources("AWS::Events::Rule")}
    assert given - {None} == {"rate(5 minutes)", f"rate({60 // counts.KEEPER_AN_HOUR} minutes)"}
