"""The file `flows.json` of the functions: the catalogue that `lambdas/runs/catalogue.py` reads."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lambdas.contract.part import Part
from lambdas.parts import find_part
from lambdas.runs.app_names import AppNames
from lambdas.runs.part_titles import title_ja
from lambdas.runs.step_table import table_to_json
from nightshift.model import CompiledFlow, Parameter
from nightshift.operating import FlowTexts, Preset
from nightshift.views.company_iam import CompanyAccess
from nightshift.views.graph import graph
from nightshift.views.iam import policies

_READS = re.compile(r"[a-z0-9-]+:(Describe|Get|List|Head)")
_TAG_PARAMETERS = ("tag", "instance_tag")
_VARIABLE = re.compile(r"\{% \$(\w+) %\}")


def catalogue_json(
    flows: Iterable[CompiledFlow], flow_defs: Path, names: AppNames, company: CompanyAccess | None = None
) -> bytes:
    """The catalogue of some flows, as JSON.

    flow_defs: the folder of the project they are in. names: of the app.
    company: the key and the network of the app's settings.
    """
    made = {flow.name: entry(flow, flow_defs, names, company) for flow in flows}
    return json.dumps(made, sort_keys=True, separators=(",", ":")).encode()


def entry(flow: CompiledFlow, flow_defs: Path, names: AppNames, company: CompanyAccess | None = None) -> dict[str, Any]:
    """A flow as `lambdas.runs.catalogue.FlowEntry` reads it."""
    schedule, alarm = flow.options.schedule, flow.options.on_alarm
    drawn = graph(flow)
    texts, operating = flow.texts, flow.options.operating
    return {
        "title": operating.title,
        "title_ja": operating.title_ja,
        "doc": texts.en.doc,
        "doc_ja": texts.ja.doc or None,
        "file": _below(flow.file, flow_defs),
        "line": flow.line,
        "source": flow.source,
        "parameters": [_parameter(parameter, texts) for parameter in flow.parameters],
        "presets": [_preset(flow.name, title, preset) for title, preset in operating.presets.items()],
        "operators": list(flow.options.operators),
        "approvers": list(flow.approvers),
        "notify": None if flow.options.notify is None else list(flow.options.notify),
        "deadlines": flow.options.deadlines.to_json(),
        "timeout": flow.options.timeout,
        "expressions": list(schedule.expressions) if schedule else [],
        "timezone": schedule.timezone if schedule else "UTC",
        "days": schedule.days.to_json() if schedule and schedule.days else None,
        "alarm": alarm.words if alarm else None,
        "steps": table_to_json(flow.steps),
        "nodes": [
            {"id": node.id, "label": node.label, "kind": node.kind, "part": node.part or None, "parent": parent or None}
            for node, parent in drawn.all_nodes()
        ],
        "edges": [vars(edge) for edge in drawn.all_edges()],
        "tree": [{**vars(node), "parent": node.parent or None} for node in flow.tree],
        "parts": [_part(find_part(name), flow) for name in flow.parts],
        "permissions": [
            {
                "part": part,
                "actions": _listed(statement["Action"]),
                "resources": [str(resource) for resource in _listed(statement["Resource"])],
                "condition": statement.get("Condition"),
            }
            for part, policy in policies([flow], names, company).items()
            for statement in policy["Statement"]
        ],
        "calls": list(flow.flows),
        "selects": selected_tags(flow),
    }


def _parameter(parameter: Parameter, texts: FlowTexts) -> dict[str, Any]:
    said: dict[str, str | None] = {}
    for suffix, text in (("", texts.en), ("_ja", texts.ja)):
        found = text.parameters.get(parameter.name)
        said |= {f"title{suffix}": found.title if found else None}
        said |= {f"description{suffix}": (found.description or None) if found else None}
    return {"name": parameter.name, "type": parameter.type, "default": parameter.default} | {
        "required": parameter.required,
        **said,
    }


def _preset(flow: str, title: str, preset: Preset) -> dict[str, Any]:
    # Boards name a preset by its id: the same title of the same flow is the same button after a change.
    digest = hashlib.sha256(title.encode()).hexdigest()[:12]
    return {
        "id": f"{flow}-{digest}",
        "title": title,
        "title_ja": preset.title_ja,
        "parameters": dict(preset.parameters),
        "form": preset.form,
        "groups": list(preset.groups),
    }


def selected_tags(flow: CompiledFlow) -> list[list[str]]:
    """The tags by which the parts of a flow select: those written in it, and the defaults of its parameters.

    Each list is one selection, all of whose tags must match.
    """
    defaults = {parameter.name: parameter.default for parameter in flow.parameters}
    found: list[list[str]] = []
    for _, params in flow.part_calls():
        for name in _TAG_PARAMETERS:
            value = params.get(name)
            variable = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
            value = defaults.get(variable[1]) if variable else value
            tags = [tag for tag in _listed(value) if isinstance(tag, str) and tag and not tag.startswith("{%")]
            if tags and tags not in found:
                found.append(tags)
    return found


def _part(part: Part[..., Any], flow: CompiledFlow) -> dict[str, Any]:
    own = [action for allow in part.allow for action in allow.actions]
    called = (
        [grant.action for grants in flow.grants.values() for grant in grants] if part.name in flow.api_parts else []
    )
    doc = " ".join((part.__doc__ or "").strip().partition("\n\n")[0].split())
    changes = any(not _READS.match(action) for action in (*own, *called))
    return {"name": part.name, "doc": doc, "doc_ja": title_ja(part.name), "changes": changes}


def _below(file: Path, flow_defs: Path) -> str:
    file, folder = file.resolve(), flow_defs.resolve()
    return str(file.relative_to(folder.parent)) if file.is_relative_to(folder) else file.name


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
