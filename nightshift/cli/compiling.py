"""`nightshift compile` and `nightshift check`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from nightshift.cli.flows import existing, flow_of_file
from nightshift.cli.output import print_json
from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.model import CompiledFlow


def compile_to(target: str, out: Path | None) -> None:
    """Write the ASL of FILE[:FLOW] to a file or to standard output."""
    text = json.dumps(flow_of_file(target).definition, indent=2, ensure_ascii=False)
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


def check(paths: list[Path], as_json: bool) -> bool:
    """Compile everything under the paths and print every error; whether there is none."""
    errors: list[Diagnostic] = []
    flows: list[CompiledFlow] = []
    for path in paths:
        try:
            flows += _compiled(existing(path))
        except CompileErrors as found:
            errors += found.errors
    if as_json:
        print_json([asdict(error) for error in errors])
    else:
        for error in errors:
            print(error.render() + "\n")
        print(_summary(errors, flows), file=sys.stderr)
    return not errors


def _compiled(path: Path) -> list[CompiledFlow]:
    if path.is_file():
        return compile_file(path)
    from nightshift.project import load_flows

    return load_flows(path)


def _summary(errors: list[Diagnostic], flows: list[CompiledFlow]) -> str:
    if not errors:
        return f"{_count(len(flows), 'flow')}, no errors"
    return f"{_count(len(errors), 'error')} in {_count(len({error.file for error in errors}), 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
