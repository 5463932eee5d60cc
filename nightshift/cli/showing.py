"""`nightshift show`: what a flow does, as text, graph, ASL or IAM policies."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from nightshift.cli.listing import next_times, shown_time, started_by
from nightshift.cli.output import duration, print_bold, print_json
from nightshift.model import CompiledFlow, Parameter

View = Literal["text", "mermaid", "asl", "iam"]


def show(flow: CompiledFlow, view: View, now: datetime, prefix: str) -> None:
    """Print a flow in one of the views. prefix: what the names of the app begin with."""
    if view == "mermaid":
        from nightshift.views.graph import mermaid

        print(mermaid(flow), end="")
    elif view == "asl":
        print_json(flow.definition)
    elif view == "iam":
        from nightshift.views.iam import policies

        print_json(policies([flow], prefix))
    else:
        _text(flow, now)


def _text(flow: CompiledFlow, now: datetime) -> None:
    print_bold(flow.name)
    if flow.doc:
        print(flow.doc)
    print()
    facts = {
        "file": f"{flow.file}:{flow.line}",
        "started by": started_by(flow),
        "next": ", ".join(shown_time(time) for time in next_times(flow, 1, now)),
        "at most": duration(flow.options.timeout) if flow.options.timeout else "",
    }
    for name, fact in facts.items():
        if fact:
            print(f"{name:<12}{fact}")
    for parameter in flow.parameters:
        print(f"{'parameter':<12}{_parameter(parameter)}")
    print()
    for line in flow.outline:
        print(f"  {line}")


def _parameter(parameter: Parameter) -> str:
    default = "required" if parameter.required else f"default {parameter.default!r}"
    return f"{parameter.name}: {parameter.type}, {default}"
