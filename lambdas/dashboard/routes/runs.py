"""Runs: list, detail, stop, redrive, again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from lambdas.dashboard import deployment, starting, views
from lambdas.dashboard.access import check_seen, scope, to_act, user
from lambdas.dashboard.models.common import Cursor, FlowName, GivenMoment, RunName, RunState, TriggerType
from lambdas.dashboard.models.flows import Started
from lambdas.dashboard.models.runs import (
    AccountId,
    Acted,
    LogLine,
    NotRedrivable,
    ResourceText,
    RunDetail,
    Runs,
    SearchText,
    StepLog,
    StepName,
    StopRequest,
)
from lambdas.dashboard.problems import Conflict, NotFound
from lambdas.dashboard.routes.flows import IdempotencyKey
from lambdas.dashboard.routing import new_router
from lambdas.runs import logs
from lambdas.runs.catalogue import steps_of
from lambdas.store import audit
from lambdas.store.table import table
from lambdas.tracker import observation, progress, queries, touched
from lambdas.tracker.record import ABORTED, FAILED, RUNNING, TIMED_OUT, Record, merge
from lambdas.tracker.search import Order, Wanted, search
from lambdas.tracker.steps import total

router = new_router()

Flow = Annotated[FlowName, Path()]
Name = Annotated[RunName, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]

_REDRIVABLE = timedelta(days=14)
""" "Redriving state machine executions" (Step Functions Developer Guide)."""


@router.get("/api/runs", operation_id="list_runs", summary="Runs", tags=["runs"])
def list_runs(
    flow: Annotated[FlowName | None, Query()] = None,
    state: Annotated[RunState | None, Query()] = None,
    trigger: Annotated[TriggerType | None, Query(description="What started them")] = None,
    by: Annotated[SearchText | None, Query(description="Text in the name of who started them by hand")] = None,
    resource: Annotated[
        ResourceText | None, Query(description="Text in the id of a resource that they changed or failed on")
    ] = None,
    account: Annotated[AccountId | None, Query(description="In which they changed something, or failed to")] = None,
    since: Annotated[GivenMoment | None, Query()] = None,
    until: Annotated[GivenMoment | None, Query()] = None,
    sort: Annotated[
        Order, Query(description="All but the first two have one page, of the newest 2,000 runs")
    ] = "newest",
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Limit = 50,
) -> Runs:
    """The runs of the flows the user may see. A page may hold fewer than asked and still have a next one."""
    flows = scope()
    if flow is not None:
        check_seen(flow)
        flows = [flow]
    found = touched.matching(table(), resource) if resource is not None else []
    ids = found[: touched.MOST_MATCHING] if account is None or resource is not None else [account]
    wanted = Wanted(
        flows=flows,
        state=state,
        since=since,
        until=until,
        trigger=trigger,
        by=by,
        ids=ids if resource is not None or account is not None else None,
        account=account,
    )
    page, following = search(table(), wanted, order=sort, cursor=cursor, limit=limit)
    paged = sort in ("newest", "oldest")
    return Runs(
        runs=[views.run(record) for record in page],
        cursor=following if paged else None,
        resources=ids if resource is not None and user().admin else [],
        more=len(found) > touched.MOST_MATCHING or (following is not None and not paged),
    )


@router.get("/api/runs/<flow>/<name>", operation_id="get_run", summary="Everything about a run", tags=["runs"])
def get_run(flow: Flow, name: Name) -> RunDetail:
    """The record of a run and its steps."""
    check_seen(flow)
    found = _find(flow, name)
    return views.run_detail(found.kept, redrivable=_redrivable(found), from_history=found.from_history)


@router.get("/api/runs/<flow>/<name>/logs", operation_id="get_step_log", summary="Log lines of a step", tags=["runs"])
def get_step_log(
    flow: Flow, name: Name, step: Annotated[StepName, Query(description="`name` of a step of the run")]
) -> StepLog:
    """What the part of a step wrote to CloudWatch Logs in this run: 500 lines at most, as long as they are kept."""
    check_seen(flow)
    kept = _find(flow, name).kept
    steps = [each for each in kept.detail.get("steps") or [] if each["name"] == step and each["part"]]
    if not steps:
        raise NotFound("the run has no such step that calls a part")
    began = [datetime.fromisoformat(each["started"]) for each in steps if each["started"]]
    ended = [datetime.fromisoformat(each["ended"]) if each["ended"] else datetime.now(UTC) for each in steps]
    found, more = logs.lines(
        deployment.logs(),
        deployment.log_group(steps[0]["part"]),
        execution=kept.record.execution,
        step=step,
        since=min(began, default=kept.record.started),
        until=max(ended),
    )
    lines = [
        LogLine(time=line.at, level=line.level, message=line.message, call=line.call, item=line.item) for line in found
    ]
    return StepLog(lines=lines, more=more)


@router.post("/api/runs/<flow>/<name>/stop", operation_id="stop_run", summary="Stop a run", tags=["runs"])
def stop_run(flow: Flow, name: Name, body: Annotated[StopRequest, Body()]) -> Acted:
    """Stop a run that is running; its clean-up steps do not run."""
    to_act(flow)
    record = _find(flow, name).kept.record
    if record.state != RUNNING:
        raise Conflict("the run has ended; there is nothing to stop")
    by = user().name
    answer = deployment.step_functions().stop_execution(
        executionArn=deployment.execution_arn(flow, name),
        error="Stopped",
        cause=f"stopped by {by}{f': {body.why}' if body.why else ''}",
    )
    progress.forget(table(), record)
    return _acted("stop", flow, name, answer["stopDate"], {"why": body.why} if body.why else {})


@router.post(
    "/api/runs/<flow>/<name>/redrive",
    operation_id="redrive_run",
    summary="Start a failed run again from the step that failed",
    tags=["runs"],
)
def redrive_run(flow: Flow, name: Name) -> Acted:
    """Start a failed run again from the step that failed, within 14 days."""
    to_act(flow)
    found = _find(flow, name)
    if not isinstance(_redrivable(found), datetime):
        raise Conflict(
            "only a run that failed, timed out or was stopped within the last 14 days can be redriven, and none whose "
            "except and finally have been through; start a new one with its parameters"
        )
    client = deployment.step_functions()
    try:
        answer = client.redrive_execution(executionArn=found.kept.record.execution)
    except client.exceptions.ExecutionNotRedrivable:
        raise Conflict("Step Functions cannot redrive this run; start a new one with its parameters") from None
    progress.forget(table(), found.kept.record)
    return _acted("redrive", flow, name, answer["redriveDate"], {})


@router.post(
    "/api/runs/<flow>/<name>/again",
    operation_id="run_again",
    summary="Start a new run with the same parameters",
    tags=["runs"],
)
def run_again(flow: Flow, name: Name, idempotency_key: IdempotencyKey = None) -> Started:
    """Start a new run with the parameters of this one."""
    entry = to_act(flow)
    found = _find(flow, name)
    record = found.kept.record
    return starting.start(
        entry,
        _parameters(found),
        dry_run=record.dry_run,
        key=idempotency_key,
        action="again",
        details={"after": record.id},
    )


@dataclass(frozen=True)
class _Found:
    """A run.

    described: what Step Functions said of it, if it was asked and has it. from_history: whether the steps are Step
    Functions' own.
    """

    kept: queries.RunDetail
    described: dict[str, Any] | None = None
    from_history: bool = False


def _find(flow: str, name: str) -> _Found:
    """A run. Raises NotFound.

    Step Functions itself is asked of a run that goes on, once for everybody who watches it, of one that began so lately
    that no event has told of it, and of one that may have been redriven as lately.
    """
    kept = queries.run(table(), flow, name)
    if kept is None or kept.record.has_ended:
        return _asked(flow, name, kept)
    seen = progress.fresh(table(), kept.record)
    if seen is not None:
        return _Found(seen, from_history=True)
    found = _asked(flow, name, kept)
    if found.from_history and not found.kept.record.has_ended:
        progress.keep(table(), found.kept)
    return found


def _asked(flow: str, name: str, kept: queries.RunDetail | None) -> _Found:
    """A run, as Step Functions tells it where its record may not be the last word. Raises NotFound."""
    complete = kept if kept is not None and kept.record.has_ended and kept.detail else None
    if complete is not None and _redrive_ends(complete.record) is None:
        return _Found(complete)
    client = deployment.step_functions()
    described = observation.describe(client, deployment.execution_arn(flow, name))
    if described is None:
        if kept is None:
            raise NotFound("there is no such run; GET /api/runs lists them")
        return _Found(kept)
    seen = observation.from_description(described, flow)
    if complete is not None and seen.redrives <= complete.record.redrives:
        return _Found(complete, described)
    told = observation.history(client, described["executionArn"], flow, steps_of(flow))
    detail = observation.detail_of(described, told)
    record = merge(kept.record if kept else None, replace(seen, counts=total(detail["steps"]), idle=told.idle))
    return _Found(queries.RunDetail(record, detail), described, from_history=True)


def _redrive_ends(record: Record) -> datetime | None:
    """Until when a run that has failed may be redriven as far as its record tells, None when it may not."""
    if record.state not in (FAILED, TIMED_OUT, ABORTED) or record.ended is None:
        return None
    until = record.ended + _REDRIVABLE
    return until if until > datetime.now(UTC) else None


def _redrivable(found: _Found) -> datetime | NotRedrivable | None:
    """Until when a run can be redriven, or why it cannot; None for one that goes on or ended well."""
    record, described = found.kept.record, found.described or {}
    if record.state not in (FAILED, TIMED_OUT, ABORTED):
        return None
    until = _redrive_ends(record)
    if until is None:
        return "too_late"
    if described.get("redriveStatus") != "REDRIVABLE":
        return "forgotten"
    return "cleaned_up" if observation.raised_itself(deployment.step_functions(), record.execution) else until


def parameters_of(flow: str, name: str) -> dict[str, Any]:
    """The parameters of a run in full. Raises NotFound, and Conflict when they are known no longer."""
    return _parameters(_find(flow, name))


def _parameters(found: _Found) -> dict[str, Any]:
    """The parameters of a run in full. Raises Conflict when they are known no longer."""
    kept = found.kept
    described = found.described or observation.describe(deployment.step_functions(), kept.record.execution)
    given = json.loads(described.get("input") or "null") if described else kept.detail.get("parameters")
    if not isinstance(given, dict) or (not described and "shortened" in given):
        raise Conflict("the parameters of the run are not known any more; start the flow with new ones")
    return {name: value for name, value in given.items() if name != "nightshift"}


def _acted(action: str, flow: str, name: str, moment: datetime, details: dict[str, str]) -> Acted:
    run = f"{flow}/{name}"
    audit.record(table(), by=user().name, action=action, flow=flow, details={"run": run, **details})
    return Acted(id=run, flow=flow, name=name, time=moment)
