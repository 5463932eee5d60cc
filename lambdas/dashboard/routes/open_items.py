"""What is open, and acknowledging it."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from lambdas.dashboard import views
from lambdas.dashboard.access import scope, to_act, user
from lambdas.dashboard.models.common import FlowName
from lambdas.dashboard.models.open_items import AcknowledgeRequest, Open, OpenItem, OpenKey
from lambdas.dashboard.problems import NotFound
from lambdas.dashboard.routing import new_router
from lambdas.gate import holds
from lambdas.store.table import table
from lambdas.tracker import opened

router = new_router()


@router.get("/api/open", operation_id="list_open", summary="What needs someone, the latest first", tags=["open"])
def list_open() -> Open:
    """Of the flows the user may see: runs that failed or else need someone, and that nobody has taken care of."""
    flows = scope()
    return Open(
        items=[_item(item) for item in opened.listed(table()) if flows is None or item.flow in flows],
        freeze=views.freeze(holds.frozen(table())),
    )


@router.post(
    "/api/open/<flow>/<key>/acknowledge",
    operation_id="acknowledge",
    summary="Say that somebody has taken care of it",
    tags=["open"],
)
def acknowledge(
    flow: Annotated[FlowName, Path()], key: Annotated[OpenKey, Path()], body: Annotated[AcknowledgeRequest, Body()]
) -> OpenItem:
    """It is open no longer; the comment is in the log of actions."""
    if not user().admin:
        to_act(flow)
    found = opened.acknowledge(table(), flow, key, by=user().name, comment=body.comment)
    if found is None:
        raise NotFound("that is not open: somebody has acknowledged it, or a later run has succeeded")
    return _item(found)


def _item(found: opened.OpenItem) -> OpenItem:
    return OpenItem(
        flow=found.flow,
        key=found.key,
        kind=found.kind,
        time=found.at,
        run=found.run or None,
        why=found.why or None,
        what_to_do=found.todo or None,
    )
