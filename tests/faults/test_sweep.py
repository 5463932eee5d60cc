"""Every fault at every API call of every part, through the contract and the retries of the compiled machine."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import lambdas.parts
from lambdas.contract import Part
from tests.faults.injection import FaultyAws, Kind
from tests.faults.judge import Case, violations
from tests.faults.machine import compile_part, execute
from tests.faults.scenarios import Scenario, scenarios
from tests.faults.world import Look, World


def all_parts() -> set[str]:
    """The names of all parts there are."""
    modules = [import_module(f"lambdas.parts.{m.name}") for m in iter_modules(lambdas.parts.__path__)]
    return {part.name for module in modules for _, part in inspect.getmembers(module, lambda v: isinstance(v, Part))}


def test_every_part_has_a_scenario() -> None:
    assert {scenario.part for scenario in scenarios()} == all_parts()


@pytest.mark.parametrize("scenario", [s for s in scenarios() if s.swept], ids=str)
def test_sweep(scenario: Scenario, aws: FaultyAws, tmp_path: Path, record_property: Callable[[str, Any], None]) -> None:
    look = Look()

    def run(kind: Kind | None = None, position: int = 0) -> tuple[World, Case]:
        aws.start(kind, position)
        params = scenario.begin(aws)
        before = look.begin()
        definition = compiled or compile_part(scenario.part, params, tmp_path)
        return before, Case(execute(definition, aws), look.world())

    compiled = None
    before, normal = run()
    assert normal.ended.error == scenario.fails, normal.ended
    calls = list(aws.services)
    wrong, cases = [], 0
    for position, (_, operation, _) in enumerate(calls, 1):
        for kind in Kind:
            again, case = run(kind, position)
            assert again == before
            if not aws.effective:
                continue
            cases += 1
            found = violations(before, normal, case, operation)
            wrong += [f"{kind.value} at call {position}, {operation}: {text}" for text in found]
    record_property("faults", (cases, len(wrong)))
    assert cases >= len(calls) * (len(Kind) - 1)
    if wrong:
        pytest.fail(f"{len(wrong)} violations\n" + "\n".join(wrong), pytrace=False)
