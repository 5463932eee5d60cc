"""Every fault at every API call of a part, through the contract and the retries of the compiled machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.injection import FaultyAws, Kind
from tests.faults.judge import Case, violations
from tests.faults.machine import compile_part, execute
from tests.faults.scenarios import Scenario, scenarios
from tests.faults.world import Inventory


def sweep(scenario: Scenario, aws: FaultyAws, folder: Path) -> tuple[int, list[str]]:
    """The number of cases, and the violations."""
    aws.start()
    definition = compile_part(scenario.part, scenario.begin(aws), folder)
    execute(definition, aws)
    inventory = Inventory(aws, {service for service, _, _ in aws.services})
    aws.start()
    scenario.begin(aws)
    before = inventory.begin()
    normal = Case(execute(definition, aws), inventory.world())
    assert normal.ended.error == scenario.fails, normal.ended
    calls = [operation for _, operation, _ in aws.services]
    wrong, cases = [], 0
    for position, operation in enumerate(calls, 1):
        for kind in Kind:
            aws.start(kind, position)
            scenario.begin(aws)
            case = Case(execute(definition, aws), inventory.world())
            if aws.effective:
                cases += 1
                found = violations(before, normal, case, operation, *_allowance(scenario, kind))
                wrong += [f"{kind.value} at call {position}, {operation}: {text}" for text in found]
    assert cases >= len(calls) * (len(Kind) - 1)
    return cases, wrong


def _allowance(scenario: Scenario, kind: Kind) -> tuple[bool, bool]:
    """Whether a fault passes, and whether an error has to name what was changed.

    A worker that dies says nothing; which call it made, the step tells.
    """
    killed = kind in (Kind.KILLED_BEFORE, Kind.KILLED_AFTER)
    open_ = scenario.once and (killed or kind in (Kind.LOST, Kind.FAILED))
    return kind is not Kind.DENIED and not open_, not (scenario.once and killed)


def check(scenario: Scenario, aws: FaultyAws, folder: Path, record_property: Callable[[str, Any], None]) -> None:
    """Sweep, and let the test fail with all violations."""
    cases, wrong = sweep(scenario, aws, folder)
    record_property("faults", (cases, len(wrong)))
    if wrong:
        pytest.fail(f"{len(wrong)} violations\n" + "\n".join(wrong), pytrace=False)


def swept(*modules: str) -> list[Scenario]:
    """The scenarios of the parts of some modules."""
    return [s for s in scenarios() if s.swept and s.part.partition(".")[0] in modules]
