"""For each part, what the sweep has it do: the `SCENARIOS` of a module here, or of a test file of a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
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
    """

    name: str
    part: str
    prepare: Callable[[FaultyAws], dict[str, Any]]
    swept: bool = True
    fails: str = ""
    lists: bool = False

    def begin(self, aws: FaultyAws) -> dict[str, Any]:
        """An AWS with nothing but this scenario; returns the part's parameters."""
        reset()
        return self.prepare(aws)

    def __str__(self) -> str:
        return f"{self.part}-{self.name}"


def scenarios() -> list[Scenario]:
    """All of them: those of these modules, and those beside the tests of the parts."""
    names = [f"{__name__}.{module.name}" for module in iter_modules([str(Path(__file__).parent)])]
    tests = Path(__file__).parents[2] / "parts"
    for file in sorted(tests.rglob("test_*.py")):
        if "\nSCENARIOS" in file.read_text(encoding="utf-8"):
            names.append(".".join(("tests", "parts", *file.relative_to(tests).with_suffix("").parts)))
    return [scenario for name in names for scenario in import_module(name).SCENARIOS]
