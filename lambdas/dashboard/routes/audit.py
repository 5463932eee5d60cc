"""Who did what."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from lambdas.dashboard.models.audit import Audit
from lambdas.dashboard.models.common import Cursor, FlowName, GivenMoment
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routing import new_router

router = new_router()


@router.get("/api/audit", operation_id="list_audit", summary="Who did what, newest first", tags=["audit"])
def list_audit(
    flow: Annotated[FlowName | None, Query()] = None,
    since: Annotated[GivenMoment | None, Query()] = None,
    until: Annotated[GivenMoment | None, Query()] = None,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Audit:
    """What was done to the flows the user may see."""
    raise Unavailable("not yet")
