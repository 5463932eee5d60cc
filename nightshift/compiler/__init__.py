"""The compiler: flow functions to Step Functions state machines.

source -> typed intermediate representation (`statements`, `expressions`, `calls`) -> states (`lowering`, `exits`,
`states`) -> the rules of the service (`verify`). Pure Python: neither boto3 nor the CDK is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nightshift.compiler import calls, comprehensions, expressions, sequences
from nightshift.compiler.endless import endless
from nightshift.compiler.flows import compile_definition
from nightshift.compiler.module import Reject, load, located
from nightshift.errors import CompileErrors
from nightshift.flow import Flow
from nightshift.model import CompiledFlow

__all__ = ["compile_file", "compile_flow"]

# Expressions contain calls and comprehensions, and those contain expressions.
expressions.register(calls.call, comprehensions.list_comp, comprehensions.dict_comp, sequences.sliced)


def compile_file(path: str | Path) -> list[CompiledFlow]:
    """Compile every flow a file defines.

    Raises CompileErrors with everything that is wrong with the file.
    """
    source = load(Path(path))
    flows = list(source.flows())
    if not flows:
        hint = "Put @flow above a function."
        raise CompileErrors([located(source.path, source.lines, "NS003", "the file defines no flow", hint, 1, 1)])
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
