"""Finding the flow a command is about."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from lambdas.contract.errors import NightshiftError
from lambdas.runs.step_table import StepTable
from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors
from nightshift.model import CompiledFlow


class FlowNotFound(NightshiftError):
    """There is no flow, file or folder of that name."""


def find_flow(name: str, folder: Path) -> CompiledFlow:
    """The flow of that name in a folder of flows, or of FILE[:FLOW] when the name holds a path.

    Only its own file has to be free of errors, if the file is named after the flow.
    """
    if "/" in name or ".py" in name:
        return flow_of_file(name)
    existing(folder)
    own_file = folder / f"{name}.py"
    if own_file.is_file():
        for flow in compile_file(own_file):
            if flow.name == name:
                return flow
    return chosen(name, all_flows(folder), str(folder))


def steps_of(name: str, folder: Path) -> StepTable:
    """What the states of a flow are; nothing when the flow is not, or no longer, in the folder or does not compile."""
    try:
        return find_flow(name, folder).steps
    except (FlowNotFound, CompileErrors):
        return {}


def flow_of_file(target: str) -> CompiledFlow:
    """The flow of FILE:FLOW, or the only flow of FILE."""
    file, _, name = target.partition(":")
    flows = compile_file(existing(Path(file)))
    if name:
        return chosen(name, flows, file)
    if len(flows) > 1:
        raise FlowNotFound(f"{file} has {len(flows)} flows; write {file}:{' or :'.join(f.name for f in flows)}")
    return flows[0]


def all_flows(folder: Path) -> list[CompiledFlow]:
    """Every flow of a folder, compiled."""
    from nightshift.project import load_flows

    return load_flows(existing(folder))


def existing(path: Path) -> Path:
    """`path`, which has to exist."""
    if not path.exists():
        raise FlowNotFound(
            f"{path} does not exist; flows are looked for in flow_defs/ of the current folder; "
            "`nightshift init my-ops` starts a project"
        )
    return path


def chosen(name: str, flows: list[CompiledFlow], place: str) -> CompiledFlow:
    """The flow of that name among flows of a place."""
    names = [flow.name for flow in flows]
    if name in names:
        return flows[names.index(name)]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
    raise FlowNotFound(f"there is no flow {name} in {place}; {hint if names else 'it has no flows'}")
