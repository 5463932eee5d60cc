"""Instances."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from lambdas.dashboard.models.board import TagText
from lambdas.dashboard.models.common import Cursor
from lambdas.dashboard.models.fleet import Fleet
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routing import new_router

router = new_router()


@router.get("/api/fleet", operation_id="list_fleet", summary="Instances with their states", tags=["fleet"])
def list_fleet(
    tag: Annotated[list[TagText] | None, Query(max_length=10, description="All of them; * and ? are wildcards")] = None,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=5, le=1000)] = 200,
) -> Fleet:
    """Instances; those a user who is not an admin sees are those the flows of their groups select by tag."""
    raise Unavailable("not yet")
