"""`nightshift compile` and `nightshift check`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from nightshift.cli.flows import existing, flow_of_file
from nightshift.cli.output import print_json
from nightshift.compiler import compile_file
from nightshift.compiler.events import MAX_EVENTS
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.model import CompiledFlow
from nightshift.project import load_flows, same_names, templates_of, without_mail
from nightshift.stages import all_stages, has_stages


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
    errors += same_names(flows)
    errors += _undeliverable(flows)
    if as_json:
        print_json([{key: value for key, value in asdict(error).items() if key != "given"} for error in errors])
    else:
        for error in errors:
            print(error.render() + "\n")
        for flow in flows:
            if flow.events > MAX_EVENTS:
                print(_too_many_events(flow) + "\n")
        print(_summary(errors, flows), file=sys.stderr)
    return not errors


def _undeliverable(flows: list[CompiledFlow]) -> list[Diagnostic]:
    """What is wrong with flows that mail, in the Region of each stage, or without stages in that of the credentials."""
    mailing = [flow for flow in flows if flow.mails]
    if not mailing:
        return []
    if has_stages():
        regions = {stage.region: f"the stage {stage.name}" for stage in all_stages().values()}
    else:
        regions = {configured: "where your credentials lead"} if (configured := _configured_region()) else {}
    return [error for region, where in regions.items() for error in without_mail(mailing, region, where)]


def _configured_region() -> str | None:
    """The Region that the environment or the profile of the credentials names."""
    import boto3

    return boto3.Session().region_name


def _too_many_events(flow: CompiledFlow) -> str:
    return (
        f"{flow.file}:{flow.line}: warning: a run of {flow.name} makes at least {flow.events:,} events, and Step "
        f"Functions ends it at {MAX_EVENTS:,}\n"
        "    Let another flow do a part of it, or use for_each with at_most above 40: its items are runs of their own."
    )


def _compiled(path: Path) -> list[CompiledFlow]:
    if path.is_file():
        return compile_file(path, templates_of(path))
    return load_flows(path)


def _summary(errors: list[Diagnostic], flows: list[CompiledFlow]) -> str:
    if not errors:
        return f"{_count(len(flows), 'flow')}, no errors"
    return f"{_count(len(errors), 'error')} in {_count(len({error.file for error in errors}), 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
