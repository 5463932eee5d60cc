"""A user's board of panels."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from lambdas.dashboard.models.board import Board, BoardRequest
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routing import new_router

router = new_router()


@router.get("/api/board", operation_id="get_board", summary="The user's board", tags=["board"])
def get_board() -> Board:
    """The panels and their places."""
    raise Unavailable("not yet")


@router.put("/api/board", operation_id="put_board", summary="Keep the user's board", tags=["board"])
def put_board(body: Annotated[BoardRequest, Body()]) -> Board:
    """Keep the panels and their places."""
    raise Unavailable("not yet")
