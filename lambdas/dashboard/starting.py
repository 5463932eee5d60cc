"""Starting runs by hand: the parameters checked, and the same request starting one run however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambdas.dashboard import deployment
from lambdas.dashboard.access import user
from lambdas.dashboard.models.flows import Started
from lambdas.dashboard.problems import Conflict, Invalid, Unavailable
from lambdas.gate import holds
from lambdas.runs.catalogue import FlowEntry
from lambdas.runs.parameters import accepted, fits, parsed
from lambdas.runs.start import run_input, run_name
from lambdas.store import audit
from lambdas.store.table import table


def start(
    entry: FlowEntry,
    parameters: Mapping[str, Any],
    *,
    dry_run: bool,
    key: str | None,
    action: str = "start",
    details: Mapping[str, str] | None = None,
) -> Started:
    """Start a run of a flow.

    key: the same key of the same user and flow starts one run. action, details: what is written down about it.
    Raises Invalid for wrong parameters, Conflict when the key has started something else.
    """
    check_parameters(entry, parameters)
    given = run_input(parameters, by=user().name, dry_run=dry_run)
    name = _run_name(entry.name, key)
    began = _started_before(entry.name, name, given) if key else None
    started = began or _start(entry.name, name, given)
    audit.record(
        table(),
        by=user().name,
        action=action,
        flow=entry.name,
        details={"run": f"{entry.name}/{name}", **({"dry_run": "true"} if dry_run else {}), **(details or {})},
        # Written again with the same key and moment, it is the same audit event.
        now=started,
        key=name,
    )
    return Started(id=f"{entry.name}/{name}", flow=entry.name, name=name, started=started, repeated=began is not None)


def check_not_retired(entry: FlowEntry) -> None:
    """Raises Conflict for a flow that is about to be removed."""
    if holds.read(table(), entry.name).retired:
        raise Conflict("the flow is retired: it is about to be removed; release it to start it")


def check_parameters(entry: FlowEntry, given: Mapping[str, Any], *, complete: bool = True) -> None:
    """Raises Invalid with everything that is wrong. complete: whether parameters without default may not be missing."""
    known = {parameter["name"]: parameter for parameter in entry.parameters}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        if name not in known:
            wrong[f"body.parameters.{name}"[:100]] = (
                f"is no parameter of the flow; it takes {', '.join(known) or 'none'}"
            )
        elif not fits(value, parsed(known[name]["type"])):
            wrong[f"body.parameters.{name}"] = f"takes {accepted(known[name]['type'])}"
    for name, parameter in known.items():
        if complete and parameter["required"] and name not in given:
            wrong[f"body.parameters.{name}"] = f"is missing; it takes {accepted(parameter['type'])}"
    if wrong:
        raise Invalid("the parameters do not fit the flow", wrong)


def _run_name(flow: str, key: str | None) -> str:
    """The same for the same key of the same user."""
    return run_name(flow, key and hashlib.sha256(f"{user().name} {flow} {key}".encode()).hexdigest()[:24])


def _start(flow: str, name: str, given: Mapping[str, Any]) -> datetime:
    """Start it; when it began. Whoever was faster with the same request has started it, too."""
    client = deployment.step_functions()
    machine = deployment.state_machine_arn(flow)
    try:
        answer = client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))
    except client.exceptions.ExecutionAlreadyExists:
        began = _started_before(flow, name, given)
        if began is None:
            raise
        return began
    except client.exceptions.StateMachineDoesNotExist:
        raise Unavailable("the flow is not deployed completely; deploy again") from None
    started: datetime = answer["startDate"]
    return started


def _started_before(flow: str, name: str, given: Mapping[str, Any]) -> datetime | None:
    """When a run of that name began, if there is one. Raises Conflict when it was given something else."""
    client = deployment.step_functions()
    try:
        answer = client.describe_execution(executionArn=deployment.execution_arn(flow, name))
    except client.exceptions.ExecutionDoesNotExist:
        return None
    if json.loads(answer.get("input") or "null") != given:
        raise Conflict("the same Idempotency-Key has started a run with other parameters; take a new key")
    began: datetime = answer["startDate"]
    return began
