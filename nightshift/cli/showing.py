"""`nightshift show`: what a flow does, as text, graph, ASL or IAM policies."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Literal

from lambdas.calendar.deadlines import Deadlines
from lambdas.gate.holds import Held
from lambdas.runs.app_names import AppNames
from nightshift.cli.listing import flow_as_json, next_times, shown_time, started_by
from nightshift.cli.output import duration, print_bold, print_json
from nightshift.model import CompiledFlow, Parameter
from nightshift.operating import Preset

View = Literal["text", "mermaid", "asl", "iam"]


def show(flow: CompiledFlow, view: View, now: datetime, names: AppNames, *, as_json: bool) -> None:
    """Print a flow in one of the views. names: of the app."""
    if view == "mermaid":
        from nightshift.views.graph import mermaid

        drawn = mermaid(flow)
        if as_json:
            print_json({"flow": flow.name, "mermaid": drawn})
        else:
            print(drawn, end="")
    elif view == "asl":
        print_json(flow.definition)
    elif view == "iam":
        from nightshift.views.company_iam import CompanyAccess
        from nightshift.views.iam import policies

        print_json(policies([flow], names, CompanyAccess.of_project(Path.cwd())))
    elif as_json:
        print_json(flow_as_json(flow, 1, now, Held()) | {"outline": flow.outline})
    else:
        _text(flow, now)


def _text(flow: CompiledFlow, now: datetime) -> None:
    title = flow.options.operating.title
    print_bold(f"{title} ({flow.name})" if title else flow.name)
    if flow.doc:
        print(flow.doc)
    print()
    facts = {
        "file": f"{flow.file}:{flow.line}",
        "started by": started_by(flow),
        "next": ", ".join(shown_time(time) for time in next_times(flow, 1, now)),
        "at most": duration(flow.options.timeout) if flow.options.timeout else "",
        "deadlines": _deadlines(flow.options.deadlines),
        "tells": ", ".join(flow.options.notify or ()),
    }
    for name, fact in facts.items():
        if fact:
            print(f"{name:<12}{fact}")
    for parameter in flow.parameters:
        print(f"{'parameter':<12}{_parameter(parameter)}")
    for title, preset in flow.options.operating.presets.items():
        print(f"{'preset':<12}{_preset(title, preset)}")
    print()
    for line in flow.outline:
        print(f"  {line}")


def _deadlines(deadlines: Deadlines) -> str:
    told = {"starts by": deadlines.start_by, "finishes by": deadlines.finish_by, "takes": deadlines.expected}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value)


def _preset(title: str, preset: Preset) -> str:
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in preset.parameters.items())
    asks = " (asks for the parameters)" if preset.form else ""
    return f"{title}: {given or 'all parameters at their defaults'}{asks}"


def _parameter(parameter: Parameter) -> str:
    default = "required" if parameter.required else f"default {parameter.default!r}"
    return f"{parameter.name}: {parameter.type}, {default}"
