"""`nightshift test`: the tests of a project, and the plans of its flows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nightshift.cli.flows import existing
from nightshift.cli.output import print_bold, print_json

if TYPE_CHECKING:
    from nightshift.testing.plans import Change

_NO_TESTS = 5
"""What pytest ends with when there are none ("Exit codes", pytest documentation)."""


def run_tests(flow_defs: Path, given: Sequence[str], *, update: bool, as_json: bool) -> bool:
    """Run pytest, then compare the plan of each flow with its file in tests/plans; whether all is as it should be.

    given: for pytest. update: write the plans as they are now. as_json: with what pytest prints on standard error.
    """
    from nightshift.testing.plans import accept, changes

    project = existing(flow_defs).resolve().parent
    found = changes(flow_defs)
    passed = True
    if (project / "tests").is_dir():
        out = sys.__stderr__ if as_json else None
        done = subprocess.run([sys.executable, "-m", "pytest", *given], cwd=project, check=False, stdout=out)
        passed = done.returncode in (0, _NO_TESTS)
    if as_json:
        plans = [{"file": str(c.path.relative_to(project)), "kind": c.kind, "diff": c.diff} for c in found]
        print_json({"tests_passed": passed, "plans": plans, "accepted": update})
    else:
        _print_plans(found, project, update=update)
    if update:
        accept(found)
    return passed and (update or not found)


def _print_plans(found: Sequence[Change], project: Path, *, update: bool) -> None:
    for change in found:
        print()
        print_bold(f"{change.path.relative_to(project)} {'is accepted' if update else f'is {change.kind}'}")
        print(change.diff)
    if update:
        return
    if found:
        what = "1 plan differs" if len(found) == 1 else f"{len(found)} plans differ"
        print(f"\n{what} from tests/plans. If that is what you want: nightshift test --update, and commit the files.")
    else:
        print("The plans of all flows are as tests/plans says.")
