"""Runs: list, detail, stop, redrive, again."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from lambdas.dashboard.models.common import Cursor, FlowName, GivenMoment, RunName, RunState
from lambdas.dashboard.models.flows import Started
from lambdas.dashboard.models.runs import Acted, RunDetail, Runs, StopRequest
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routes.flows import IdempotencyKey
from lambdas.dashboard.routing import new_router

router = new_router()

Flow = Annotated[FlowName, Path()]
Name = Annotated[RunName, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/api/runs", operation_id="list_runs", summary="Runs, newest first", tags=["runs"])
def list_runs(
    flow: Annotated[FlowName | None, Query()] = None,
    state: Annotated[RunState | None, Query()] = None,
    since: Annotated[GivenMoment | None, Query()] = None,
    until: Annotated[GivenMoment | None, Query()] = None,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Limit = 50,
) -> Runs:
    """The runs of the flows the user may see."""
    raise Unavailable("not yet")


@router.get("/api/runs/<flow>/<name>", operation_id="get_run", summary="Everything about a run", tags=["runs"])
def get_run(flow: Flow, name: Name) -> RunDetail:
    """The record of a run and its steps."""
    raise Unavailable("not yet")


@router.post("/api/runs/<flow>/<name>/stop", operation_id="stop_run", summary="Stop a run", tags=["runs"])
def stop_run(flow: Flow, name: Name, body: Annotated[StopRequest, Body()]) -> Acted:
    """Stop a run that is running; its clean-up steps do not run."""
    raise Unavailable("not yet")


@router.post(
    "/api/runs/<flow>/<name>/redrive",
    operation_id="redrive_run",
    summary="Start a failed run again from the step that failed",
    tags=["runs"],
)
def redrive_run(flow: Flow, name: Name) -> Acted:
    """Start a failed run again from the step that failed, within 14 days."""
    raise Unavailable("not yet")


@router.post(
    "/api/runs/<flow>/<name>/again",
    operation_id="run_again",
    summary="Start a new run with the same parameters",
    tags=["runs"],
)
def run_again(flow: Flow, name: Name, idempotency_key: IdempotencyKey = None) -> Started:
    """Start a new run with the parameters of this one."""
    raise Unavailable("not yet")
