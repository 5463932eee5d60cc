"""A folder of flows: everything one deployment holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nightshift.aws_names import has_mail
from nightshift.compiler import compile_file
from nightshift.compiler.endless import endless
from nightshift.compiler.source_text import of_flow
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.model import CompiledFlow
from nightshift.own_parts import use_own_parts

FLOW_DEFS = Path("flow_defs")


def flow_files(folder: str | Path = FLOW_DEFS) -> list[Path]:
    """The flow files of a folder and its subfolders; names that begin with "_" are left out."""
    return sorted(p for p in Path(folder).rglob("*.py") if not p.name.startswith("_"))


def templates_of(path: Path) -> Path:
    """The folder of the templates that flows of a file or folder name: `templates` in the nearest folder around it."""
    start = path if path.is_dir() else path.parent
    around = [start, *start.resolve().parents[:3]]
    return next((found for folder in around if (found := folder / "templates").is_dir()), start / "templates")


def load_flows(
    folder: str | Path = FLOW_DEFS, defaults: Mapping[str, Mapping[str, Any]] | None = None
) -> list[CompiledFlow]:
    """Compile every flow of a folder, by name.

    defaults: by flow, values that take the place of the defaults of its parameters.

    Raises CompileErrors with everything that is wrong in all files, also for two flows of one name, and for a call of
    a flow the folder does not have.
    """
    # Parts with errors are said once, and also where no flow uses them.
    use_own_parts(Path(folder))
    compiled: list[CompiledFlow] = []
    errors: list[Diagnostic] = []
    for path in flow_files(folder):
        try:
            compiled += compile_file(path, templates_of(path), defaults)
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


def without_mail(flows: Iterable[CompiledFlow], region: str, where: str = "") -> list[Diagnostic]:
    """What is wrong with flows that mail, where AWS has no Amazon SES.

    region: the Region they are deployed to. where: what says so, for the message.
    """
    if has_mail(region):
        return []
    place = f"{region} ({where})" if where else region
    hint = (
        "Publish to a topic (notify.publish, the ARN in notify=), ask by approvers= without to=, or mail from another "
        "partition: notify.email(..., region=, credentials_secret=)."
    )
    return [
        of_flow(flow, "NS008", f"{flow.name!r} needs Amazon SES, which is not in {place}", hint)
        for flow in flows
        if flow.mails
    ]


def _twice(flow: CompiledFlow, other: CompiledFlow) -> Diagnostic:
    message = f"there is another flow {flow.name!r}, at {other.file}:{other.line}"
    return of_flow(flow, "NS005", message, "Give one of them another name.")


def _missing(flow: CompiledFlow, name: str) -> Diagnostic:
    message = f"{flow.name!r} calls the flow {name!r}, which is not in this folder"
    return of_flow(flow, "NS006", message, "Put its file into the folder too.")
