"""The compiler: flow functions to Step Functions state machines.

source -> typed intermediate representation (`statements`, `expressions`, `calls`) -> states (`lowering`, `exits`,
`states`) -> the rules of the service (`verify`). Pure Python: neither boto3 nor the CDK is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nightshift.compiler import calls, comprehensions, expressions, sequences
from nightshift.compiler.endless import endless
from nightshift.compiler.flows import compile_definition
from nightshift.compiler.module import Reject, load
from nightshift.compiler.source_text import located
from nightshift.errors import CompileErrors
from nightshift.flow import Flow
from nightshift.model import CompiledFlow
from nightshift.own_parts import use_own_parts

__all__ = ["compile_file", "compile_flow"]

# Expressions contain calls and comprehensions, and those contain expressions.
expressions.register(calls.call, comprehensions.list_comp, comprehensions.dict_comp, sequences.sliced)


def compile_file(
    path: str | Path, templates: Path | None = None, defaults: Mapping[str, Mapping[str, Any]] | None = None
) -> list[CompiledFlow]:
    """Compile every flow a file defines.

    templates: the folder in which the templates that it names have to be; without it they are not looked for.
    defaults: by flow, values that take the place of the defaults of its parameters.
    Raises CompileErrors with everything that is wrong with the file.
    """
    use_own_parts(Path(path))
    source = load(Path(path), templates)
    for node in source.parts():
        message = f"@part in a flow file: {node.name} would be deployed with no function"
        hint = f"Move it to parts/SERVICE/{node.name}.py, beside the folder of the flows."
        source.report(Reject(node, "NS607", message, hint))
    for wrong in source.misplaced():
        message = f"{wrong.name} is under @flow, and no plain function of the file"
        source.report(
            Reject(
                wrong,
                "NS101",
                message,
                "Write it as `def` (not async), outside of classes and functions, and no decorator below @flow.",
            )
        )
    source.defaults = defaults or {}
    flows = list(source.flows())
    if not flows:
        hint = "Put @flow above a function."
        missing = located(source.path, source.lines, "NS003", "the file defines no flow", hint, 1, 1)
        raise CompileErrors(source.errors or [missing])
    for node in source.redefined():
        message = f"there is another flow {node.name!r} further down in this file, which takes its place"
        source.report(Reject(node, "NS005", message, "Give one of them another name."))
    compiled = [made for flow, node in flows if (made := compile_definition(source, flow, node)) is not None]
    errors = [*source.errors, *endless(compiled)]
    if errors:
        raise CompileErrors(errors)
    return compiled


def compile_flow(flow: Flow[..., Any]) -> CompiledFlow:
    """Compile one flow of an imported module.

    Raises CompileErrors with everything that is wrong with its file.
    """
    path = Path(flow.function.__code__.co_filename)
    return next(compiled for compiled in compile_file(path) if compiled.name == flow.name)
