"""Flows: list, detail, start, hold, release, skip."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path
from pydantic import Field

from lambdas.dashboard.models.common import FlowName
from lambdas.dashboard.models.flows import (
    FlowDetail,
    Flows,
    HoldRequest,
    Standing,
    Started,
    StartRequest,
)
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routing import new_router

router = new_router()

Flow = Annotated[FlowName, Path()]
IdempotencyKey = Annotated[
    Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None,
    Header(description="The same key starts one run, however often the request is sent"),
]


@router.get("/api/flows", operation_id="list_flows", summary="The flows the user may see", tags=["flows"])
def list_flows() -> Flows:
    """The flows, by name."""
    raise Unavailable("not yet")


@router.get("/api/flows/<flow>", operation_id="get_flow", summary="Everything about a flow", tags=["flows"])
def get_flow(flow: Flow) -> FlowDetail:
    """Source, graph, permissions and next fire times of a flow."""
    raise Unavailable("not yet")


@router.post("/api/flows/<flow>/runs", operation_id="start_run", summary="Start a run", tags=["flows"])
def start_run(flow: Flow, body: Annotated[StartRequest, Body()], idempotency_key: IdempotencyKey = None) -> Started:
    """Start a run by hand; with the same Idempotency-Key it is started once."""
    raise Unavailable("not yet")


@router.put("/api/flows/<flow>/hold", operation_id="hold_flow", summary="Hold a flow", tags=["flows"])
def hold_flow(flow: Flow, body: Annotated[HoldRequest, Body()]) -> Standing:
    """No schedule and no alarm starts the flow until it is released."""
    raise Unavailable("not yet")


@router.delete("/api/flows/<flow>/hold", operation_id="release_flow", summary="Release a flow", tags=["flows"])
def release_flow(flow: Flow) -> Standing:
    """End the hold, and a skip."""
    raise Unavailable("not yet")


@router.post("/api/flows/<flow>/skip-next", operation_id="skip_next", summary="Skip the next start", tags=["flows"])
def skip_next(flow: Flow) -> Standing:
    """The next start by a schedule or an alarm does nothing."""
    raise Unavailable("not yet")
