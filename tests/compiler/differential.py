"""One random flow under CPython and as a state machine: what each did."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from assigned import unassigned
from engines import cpython, sfnx_engine
from engines.world import Outcome, World

from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors

MOST_LINES = 1500
"""A program that executes more lines than this is too long to be compared."""


class TooLong(Exception):
    """The program runs on and on."""


class _Limited:
    """Stops a program after MOST_LINES, whatever its `finally` raises in place of that."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.left = MOST_LINES

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        """A trace function, as `sys.settrace` takes it."""
        if frame.f_code.co_filename != str(self.path):
            return None
        self.left -= event == "line"
        if self.left < 0:
            raise TooLong
        return self


Engine = Callable[[Mapping[str, Any], str, Mapping[str, Any], World], Outcome]


def compare(source: str, folder: Path, engine: Engine = sfnx_engine.run) -> tuple[Outcome, Outcome] | None:
    """What CPython did and what the machine did; None for a program that runs or grows too long.

    engine: runs the machine. The program is written to a file, as flows are, so that positions and tracebacks are real.
    """
    path = folder / "random_flow.py"
    path.write_text(source, encoding="utf-8")
    module = ModuleType("random_flow")
    # An import would take the bytecode of another program that was as long and written in the same second.
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    before = sys.gettrace()
    limited = _Limited(path)
    sys.settrace(limited)
    try:
        wanted = cpython.run(module.random_flow, {}, World())
    finally:
        sys.settrace(before)
    if limited.left < 0:
        return None
    try:
        (compiled,) = compile_file(path)
    except CompileErrors as error:
        if {e.code for e in error.errors} == {"NS501"}:
            return None
        raise
    if "finally:" not in source:
        # After a `finally` there may be ways that no run takes.
        assert unassigned(compiled.definition, every_way=True) == []
    found = engine({"random_flow": compiled.definition}, "random_flow", {}, World())
    return wanted, found
