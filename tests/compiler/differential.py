"""One random flow under CPython and as a state machine: what each did."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
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


def _limited(path: Path) -> Any:
    left = MOST_LINES

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != str(path):
            return None
        left -= event == "line"
        if left < 0:
            raise TooLong
        return trace

    return trace


Engine = Callable[[Mapping[str, Any], str, Mapping[str, Any], World], Outcome]


def compare(source: str, folder: Path, engine: Engine = sfnx_engine.run) -> tuple[Outcome, Outcome] | None:
    """What CPython did and what the machine did; None for a program that runs or grows too long.

    engine: runs the machine. The program is written to a file, as flows are, so that positions and tracebacks are real.
    """
    path = folder / "random_flow.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("random_flow", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    before = sys.gettrace()
    sys.settrace(_limited(path))
    try:
        wanted = cpython.run(module.random_flow, {}, World())
    finally:
        sys.settrace(before)
    if wanted.error == "TooLong":
        return None
    try:
        (compiled,) = compile_file(path)
    except CompileErrors as error:
        if {e.code for e in error.errors} == {"NS501"}:
            return None
        raise
    if '"leaving' not in json.dumps(compiled.definition):
        # After a `finally` there may be ways that no run takes.
        assert unassigned(compiled.definition, every_way=True) == []
    found = engine({"random_flow": compiled.definition}, "random_flow", {}, World())
    return wanted, found
