"""A folder of flows: everything one deployment holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nightshift.compiler import compile_file
from nightshift.compiler.endless import endless
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.model import CompiledFlow

FLOW_DEFS = Path("flow_defs")


def flow_files(folder: str | Path = FLOW_DEFS) -> list[Path]:
    """The flow files of a folder and its subfolders; names that begin with "_" are left out."""
    return sorted(p for p in Path(folder).rglob("*.py") if not p.name.startswith("_"))


def load_flows(folder: str | Path = FLOW_DEFS) -> list[CompiledFlow]:
    """Compile every flow of a folder, by name.

    Raises CompileErrors with everything that is wrong in all files, also for two flows of one name, and for a call of
    a flow the folder does not have.
    """
    compiled: list[CompiledFlow] = []
    errors: list[Diagnostic] = []
    for path in flow_files(folder):
        try:
            compiled += compile_file(path)
        except CompileErrors as found:
            errors += found.errors
    errors += same_names(compiled)
    flows = {flow.name: flow for flow in compiled}
    if not errors:
        errors = [_missing(flow, name) for flow in flows.values() for name in flow.flows if name not in flows]
        errors += endless(list(flows.values()))
    if errors:
        raise CompileErrors(errors)
    return [flows[name] for name in sorted(flows)]


def same_names(flows: Iterable[CompiledFlow]) -> list[Diagnostic]:
    """What is wrong with flows of which an earlier one has the name."""
    first: dict[str, CompiledFlow] = {}
    found = []
    for flow in flows:
        other = first.setdefault(flow.name, flow)
        if (other.file.resolve(), other.line) != (flow.file.resolve(), flow.line):
            found.append(_twice(flow, other))
    return found


def _twice(flow: CompiledFlow, other: CompiledFlow) -> Diagnostic:
    message = f"there is another flow {flow.name!r}, at {other.file}:{other.line}"
    return Diagnostic("NS005", message, "Give one of them another name.", flow.file, flow.line, 1)


def _missing(flow: CompiledFlow, name: str) -> Diagnostic:
    message = f"{flow.name!r} calls the flow {name!r}, which is not in this folder"
    return Diagnostic("NS006", message, "Put its file into the folder too.", flow.file, flow.line, 1)
