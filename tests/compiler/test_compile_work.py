"""How much the compiler does for a flow, in calls of functions: what grows too fast shows on any machine."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from nightshift.compiler import compile_file

MOST_CALLS = 2_000_000


class TooMuch(Exception):
    """The compiler called more functions than a flow is worth."""


def lists_of_each_other(count: int) -> str:
    """A flow in which each of so many lists may be made of each other one."""
    names = [f"xs{n}" for n in range(count)]
    lines = ["from nightshift import flow", "", "", "@flow", "def tangled(n: int = 1):"]
    lines += [f"    {name} = [[n]]" for name in names]
    for name in names:
        lines += [f"    if len({name}) > {n}:\n        {name} = {name} + {other}" for n, other in enumerate(names)]
    lines += [f"    return [{' + '.join(names)}, xs0 == xs1]"]
    return "\n".join(lines) + "\n"


def test_lists_made_of_each_other_are_looked_at_once(tmp_path: Path) -> None:
    path = tmp_path / "tangled.py"
    path.write_text(lists_of_each_other(9))
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call"
        if calls > MOST_CALLS:
            raise TooMuch

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        (compiled,) = compile_file(path)
    except TooMuch:
        pytest.fail(f"the compiler called more than {MOST_CALLS} functions")
    finally:
        sys.setprofile(before)
    assert compiled.name == "tangled"
