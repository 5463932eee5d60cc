"""Compiled flows written by hand, for tests that are not about the compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nightshift.model import CompiledFlow, Parameter

EMPTY = {"StartAt": "Done", "QueryLanguage": "JSONata", "States": {"Done": {"Type": "Pass", "End": True}}}


def compiled(name: str = "example", definition: dict[str, Any] | None = None, **fields: Any) -> CompiledFlow:
    """A compiled flow with these fields; what is not given is empty."""
    given: dict[str, Any] = {
        "file": Path(f"{name}.py"),
        "line": 1,
        "doc": "",
        "definition": definition or EMPTY,
        "parts": (),
        "flows": (),
        "steps": {},
    }
    return CompiledFlow(name=name, **(given | fields))


def parameter(name: str, type_: str, default: Any = None, *, required: bool = False) -> Parameter:
    """A parameter of a flow."""
    return Parameter(name, type_, default, required)
