"""Who did what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from lambdas.dashboard import views
from lambdas.dashboard.access import check_seen, scope
from lambdas.dashboard.models.audit import Audit
from lambdas.dashboard.models.common import Cursor, FlowName, GivenMoment
from lambdas.dashboard.routing import new_router
from lambdas.store import audit
from lambdas.store.table import table

router = new_router()

_LONGEST = timedelta(days=400)


@router.get("/api/audit", operation_id="list_audit", summary="Who did what, newest first", tags=["audit"])
def list_audit(
    flow: Annotated[FlowName | None, Query()] = None,
    since: Annotated[
        GivenMoment | None, Query(description="The default, and the most, is 400 days before until")
    ] = None,
    until: Annotated[GivenMoment | None, Query()] = None,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Audit:
    """What was done to the flows the user may see."""
    flows = scope()
    if flow is not None:
        check_seen(flow)
        flows = [flow]
    end = min(until or datetime.now(UTC), datetime.now(UTC))
    begin = max(since or end - _LONGEST, end - _LONGEST)
    events, following = audit.page(table(), flows, since=begin, until=end, cursor=cursor, limit=limit)
    return Audit(entries=[views.audit_entry(event) for event in events], cursor=following)
