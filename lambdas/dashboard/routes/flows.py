"""Flows: list, detail, start, hold, release, skip."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path
from pydantic import Field

from lambdas.dashboard import starting, views
from lambdas.dashboard.access import to_act, to_see, user, visible
from lambdas.dashboard.models.common import FlowName
from lambdas.dashboard.models.flows import (
    DueTime,
    Edge,
    Favourite,
    FavouriteRequest,
    FlowDetail,
    FlowParameter,
    Flows,
    Graph,
    HoldRequest,
    Node,
    Permission,
    Schedule,
    SkipRequest,
    Standing,
    Started,
    StartRequest,
    TreeNode,
    UsedPart,
)
from lambdas.dashboard.models.flows import Flow as FlowModel
from lambdas.dashboard.routing import new_router
from lambdas.dashboard.upcoming import flow_deadlines, next_start, upcoming
from lambdas.gate import holds
from lambdas.runs.catalogue import FlowEntry
from lambdas.runs.parameters import accepted, form_field
from lambdas.store import favourites
from lambdas.store.table import table
from lambdas.tracker import queries
from lambdas.tracker.record import Record

router = new_router()

Flow = Annotated[FlowName, Path()]
IdempotencyKey = Annotated[
    Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None,
    Header(description="The same key starts one run, however often the request is sent"),
]

_NEXT_TIMES = 10

_last_runs = queries.LastRuns()


@router.get("/api/flows", operation_id="list_flows", summary="The flows the user may see", tags=["flows"])
def list_flows() -> Flows:
    """The flows, by name, without those that are retired."""
    now, held = datetime.now(UTC), holds.read_all(table(), visible())
    entries = {name: entry for name, entry in visible().items() if not held[name].retired}
    last, stars = _last_runs.read(table(), entries), favourites.read(table(), user().name)
    return Flows(flows=[FlowModel(**_flow(e, held[name], last.get(name), now, stars)) for name, e in entries.items()])


@router.get("/api/flows/<flow>", operation_id="get_flow", summary="Everything about a flow", tags=["flows"])
def get_flow(flow: Flow) -> FlowDetail:
    """Source, graph, permissions and next fire times of a flow."""
    entry, entries, now = to_see(flow), visible(), datetime.now(UTC)
    held, stars = holds.read(table(), flow), favourites.read(table(), user().name)
    return FlowDetail(
        **_flow(entry, held, queries.last_run(table(), flow), now, stars),
        file=entry.file,
        line=entry.line,
        source=entry.source,
        tree=[TreeNode(**node) for node in entry.tree],
        graph=Graph(nodes=[Node(**node) for node in entry.nodes], edges=[Edge(**edge) for edge in entry.edges]),
        permissions=[Permission(**permission) for permission in entry.permissions],
        next_times=[
            DueTime(time=due.time, expression=due.expression, skipped=due.skipped)
            for due in islice(upcoming(entry, held, now), _NEXT_TIMES)
        ],
        deadlines=flow_deadlines(entry, next_start(entry, held, now)),
        calls=[name for name in entry.calls if name in entries],
        called_by=[name for name, other in entries.items() if flow in other.calls],
    )


@router.post("/api/flows/<flow>/runs", operation_id="start_run", summary="Start a run", tags=["flows"])
def start_run(flow: Flow, body: Annotated[StartRequest, Body()], idempotency_key: IdempotencyKey = None) -> Started:
    """Start a run by hand; with the same Idempotency-Key it is started once."""
    entry = to_act(flow)
    starting.check_not_retired(entry)
    return starting.start(entry, body.parameters, dry_run=body.dry_run, key=idempotency_key)


@router.put(
    "/api/flows/<flow>/favourite", operation_id="mark_favourite", summary="Put a star at a flow", tags=["flows"]
)
def mark_favourite(flow: Flow, body: Annotated[FavouriteRequest, Body()]) -> Favourite:
    """Make a flow one of the user's favourites, or none."""
    to_see(flow)
    favourites.mark(table(), user().name, flow, favourite=body.favourite)
    return Favourite(flow=flow, favourite=body.favourite)


@router.put("/api/flows/<flow>/hold", operation_id="hold_flow", summary="Hold a flow", tags=["flows"])
def hold_flow(flow: Flow, body: Annotated[HoldRequest, Body()]) -> Standing:
    """No schedule and no alarm starts the flow until it is released."""
    to_act(flow)
    holds.hold(table(), flow, by=user().name, why=body.why, until=body.until)
    return _standing(flow)


@router.delete("/api/flows/<flow>/hold", operation_id="release_flow", summary="Release a flow", tags=["flows"])
def release_flow(flow: Flow) -> Standing:
    """End the hold; a skip that is still to come stays."""
    to_act(flow)
    holds.release(table(), flow, by=user().name)
    return _standing(flow)


@router.post("/api/flows/<flow>/skip-next", operation_id="skip_next", summary="Skip the next start", tags=["flows"])
def skip_next(flow: Flow, body: Annotated[SkipRequest | None, Body()] = None) -> Standing:
    """The next start by a schedule does nothing."""
    to_act(flow)
    holds.skip_next(table(), flow, by=user().name, why=body.why if body else "")
    return _standing(flow)


@router.delete("/api/flows/<flow>/skip-next", operation_id="unskip", summary="Take a skip back", tags=["flows"])
def unskip(flow: Flow) -> Standing:
    """The next start by a schedule runs after all, unless the flow is held."""
    to_act(flow)
    holds.unskip(table(), flow, by=user().name)
    return _standing(flow)


def _standing(flow: str) -> Standing:
    return views.standing(holds.read(table(), flow), datetime.now(UTC))


def _flow(
    entry: FlowEntry, held: holds.Held, last: Record | None, now: datetime, stars: Collection[str]
) -> dict[str, Any]:
    """The fields of a flow in a list. stars: the user's favourites."""
    schedule = Schedule(expressions=entry.expressions, timezone=entry.timezone, days=entry.days_words)
    return {
        "name": entry.name,
        "title": entry.shown_title,
        "title_ja": entry.title_ja,
        "doc": entry.doc,
        "doc_ja": entry.doc_ja,
        "folder": entry.folder,
        "tags": list(dict.fromkeys(tag for tags in entry.selects for tag in tags)),
        "favourite": entry.name in stars,
        "parameters": [_parameter(parameter) for parameter in entry.parameters],
        "operators": entry.operators,
        "schedule": schedule if entry.expressions else None,
        "alarm": entry.alarm,
        "timeout": entry.timeout,
        "parts": [UsedPart(**part) for part in entry.parts],
        "standing": views.standing(held, now),
        "next": next_start(entry, held, now),
        "last_run": views.last_run(last),
    }


def _parameter(given: Mapping[str, Any]) -> FlowParameter:
    field = form_field(given["type"])
    shown = {"kind": field.kind, "item": field.item, "choices": list(field.choices), "nullable": field.nullable}
    return FlowParameter.model_validate({**given, "accepts": accepted(given["type"]), **shown})
