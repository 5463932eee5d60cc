"""For each part, what the sweep has it do: the `SCENARIOS` of the test file of the part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.world import reset


@dataclass(frozen=True)
class Scenario:
    """One use of a part.

    prepare: makes the world and the ways of `aws`, and returns the part's parameters.
    swept: whether faults are injected; without, it only shows which API calls the part makes.
    fails: how the undisturbed run fails (error name), or "".
    lists: whether a dry run runs a command that only lists.
    once: whether it makes a call that nothing makes harmless to repeat: when its answer is lost, it fails.
    """

    name: str
    part: str
    prepare: Callable[[FaultyAws], dict[str, Any]]
    swept: bool = True
    fails: str = ""
    lists: bool = False
    once: bool = False

    def begin(self, aws: FaultyAws) -> dict[str, Any]:
        """An AWS with nothing but this scenario; returns the part's parameters."""
        reset()
        return self.prepare(aws)

    def __str__(self) -> str:
        return f"{self.part}-{self.name}"


def scenarios() -> list[Scenario]:
    """All of them."""
    found: list[Scenario] = []
    tests = Path(__file__).parents[1]
    for file in sorted((tests / "parts").rglob("test_*.py")):
        if "\nSCENARIOS" in file.read_text(encoding="utf-8"):
            module = ".".join(("tests", *file.relative_to(tests).with_suffix("").parts))
            found += import_module(module).SCENARIOS
    return found
