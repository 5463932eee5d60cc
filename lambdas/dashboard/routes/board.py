"""A user's board of panels."""

from __future__ import annotations

import json
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from lambdas.dashboard.access import user
from lambdas.dashboard.models.board import Board, BoardRequest
from lambdas.dashboard.problems import Conflict
from lambdas.dashboard.routing import new_router
from lambdas.store.table import table

router = new_router()


@router.get("/api/board", operation_id="get_board", summary="The user's board", tags=["board"])
def get_board() -> Board:
    """The panels and their places."""
    item = table().get_item(Key=_key(), ConsistentRead=True).get("Item")
    return (
        Board(version=int(item["version"]), panels=json.loads(item["panels"])) if item else Board(version=0, panels=[])
    )


@router.put("/api/board", operation_id="put_board", summary="Keep the user's board", tags=["board"])
def put_board(body: Annotated[BoardRequest, Body()]) -> Board:
    """Keep the panels and their places."""
    panels = [panel.model_dump(mode="json") for panel in body.panels]
    condition = "version = :version" if body.version else "attribute_not_exists(pk)"
    try:
        table().put_item(
            Item={**_key(), "version": body.version + 1, "panels": json.dumps(panels, ensure_ascii=False)},
            ConditionExpression=condition,
            **({"ExpressionAttributeValues": {":version": body.version}} if body.version else {}),
        )
    except table().meta.client.exceptions.ConditionalCheckFailedException:
        raise Conflict("the board was changed elsewhere in between; load it, and change it again") from None
    return Board(version=body.version + 1, panels=body.panels)


def _key() -> dict[str, str]:
    return {"pk": f"USER#{user().name}", "sk": "BOARD"}
