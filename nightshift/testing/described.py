"""The fleet that a project describes for its tests and plans, in `tests/fleet.py`."""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.local.seed import FLEET, Machine, Work

FILE = Path("tests") / "fleet.py"


class WrongDescription(NightshiftError):
    """`tests/fleet.py` does not describe a fleet."""


def machines_of(project: Path) -> Sequence[Machine]:
    """The FLEET of `tests/fleet.py`; without that file the fleet of the demo. Raises WrongDescription."""
    described = _described(project)
    machines = described.get("FLEET", FLEET)
    if not isinstance(machines, list | tuple) or not all(isinstance(machine, Machine) for machine in machines):
        raise WrongDescription(f'{project / FILE}: FLEET has to be a list of Machine("web-1", {{"Role": "web"}})')
    return machines


def work_of(project: Path) -> Sequence[Work]:
    """The WORK of `tests/fleet.py`, or none. Raises WrongDescription."""
    work = _described(project).get("WORK", ())
    if not isinstance(work, list | tuple) or not all(isinstance(one, Work) for one in work):
        raise WrongDescription(f'{project / FILE}: WORK has to be a list of Work("batch", "render", seconds=1200)')
    return work


def parameters_of(project: Path) -> Mapping[str, Mapping[str, Any]]:
    """Flow -> what its plan is made with, the PARAMETERS of `tests/fleet.py`; "web-1" is that instance."""
    found: Mapping[str, Mapping[str, Any]] = _described(project).get("PARAMETERS", {})
    return found


def _described(project: Path) -> dict[str, Any]:
    file = project / FILE
    return runpy.run_path(str(file)) if file.is_file() else {}
