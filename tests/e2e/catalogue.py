"""Running the flows of `flow_defs/` here with `nightshift run`, and which tests run which parts so.

The tests are read, not run: what counts is a call of `run` with the name of a flow, where it is imported from here.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nightshift.local import LocalAws
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from tests.cli.conftest import command

HERE = Path(__file__).parent
OWN = HERE / "flow_defs"


@cache
def own_flows() -> dict[str, CompiledFlow]:
    """The flows of `flow_defs/` here, by name."""
    return {flow.name: flow for flow in load_flows(OWN)}


def run(local: LocalAws, flow: str, **parameters: str) -> Any:
    """Run a flow to its end; what it returned. Each part that it calls has run and ended well."""
    given = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
    done = command("run", flow, "--json", "--flow-defs", str(OWN), *given, cwd=local.project)
    report = json.loads(done.out)
    assert (done.code, report["status"]) == (0, "SUCCEEDED"), (report["error"], report["cause"])
    ended_well = {step["part"] for step in report["steps"] if step["state"] == "succeeded"}
    assert set(own_flows()[flow].parts) <= ended_well
    return report["output"]


def runs_of_parts() -> dict[str, list[str]]:
    """Part -> what runs it, "test_every_service.py::test_sqs runs every_sqs_part"."""
    found: dict[str, list[str]] = {}
    for where, flow in _runs():
        for part in own_flows()[flow].parts:
            found.setdefault(part, []).append(f"{where} runs {flow}")
    return found


def _runs() -> Iterator[tuple[str, str]]:
    """Each test with the name of a flow that it runs, and no other outcome than success passes it."""
    for file in sorted(HERE.glob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if not any(_imports_run(statement) for statement in tree.body):
            continue
        for test in tree.body:
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                for node in ast.walk(test):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "run":
                        yield f"{file.name}::{test.name}", ast.literal_eval(node.args[1])


def _imports_run(statement: ast.stmt) -> bool:
    names = statement.names if isinstance(statement, ast.ImportFrom) and statement.module == __name__ else []
    return any((name.name, name.asname) == ("run", None) for name in names)
