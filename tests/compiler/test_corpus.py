"""Every case of the corpus, in every engine: the same result, the same calls of parts, the same waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from corpus_files import Entry, compiled, entries
from engines import cpython, sfnx_engine, simulation_engine
from engines.world import Outcome, World, canonical
from expect import SAME

ENTRIES = entries()
ENGINES = ("cpython", "sfnx", "simulation", "moto", "ministack")


def expected(entry: Entry, engine: str) -> Outcome:
    """The case as an outcome."""
    case = entry.case
    fails = case.cpython if engine == "cpython" and case.cpython else case.fails
    if engine == "cpython" and case.cpython_result is not SAME:
        return Outcome(canonical(case.cpython_result), calls=case.calls, waits=case.waits)
    if fails is None:
        return Outcome(canonical(case.result), calls=case.calls, waits=case.waits)
    error, said, cause = fails.partition(": ")
    return Outcome(None, error, cause if said else None, case.calls, case.waits)


def run(entry: Entry, engine: str, request: pytest.FixtureRequest) -> Outcome:
    """Run the case in the engine."""
    case = entry.case
    world = World(approve=case.approve)
    if engine == "cpython":
        return cpython.run(entry.flow, case.given, world, dry_run=case.dry_run)
    machines = {name: flow.definition for name, flow in compiled(entry.path).items()}
    given: dict[str, Any] = dict(case.given)
    if case.dry_run:
        given["nightshift"] = {"dry_run": True}
    if engine == "sfnx":
        return sfnx_engine.run(machines, entry.flow.name, given, world)
    if engine == "simulation":
        return simulation_engine.run(machines, entry.flow.name, given, world)
    outcome: Outcome = request.getfixturevalue(engine).run(machines, entry.flow.name, given, world)
    return outcome


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_case(entry: Entry, engine: str, request: pytest.FixtureRequest) -> None:
    """The flow does what is written above it."""
    if reason := entry.case.unable.get(engine):
        pytest.skip(f"{engine}: {reason}")
    wanted, found = expected(entry, engine), run(entry, engine, request)
    if wanted.cause is None:
        found = replace(found, cause=None)
    if engine == "simulation" and found.waits != wanted.waits:
        # Branches wait at the same time there, as they do in Step Functions.
        assert any(
            state["Type"] in ("Parallel", "Map")
            for state in compiled(entry.path)[entry.flow.name].definition["States"].values()
        )
        assert sum(found.waits) <= sum(wanted.waits)
        found = replace(found, waits=wanted.waits)
    assert found == wanted
    assert len(set(found.keys)) == len(found.keys)
    assert set(found.dry) <= {entry.case.dry_run}
