"""Numbers over time: the summary, the report, and what comes next."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from lambdas.dashboard.models.charts import Next, Report, Summary
from lambdas.dashboard.models.common import FlowName
from lambdas.dashboard.problems import Unavailable
from lambdas.dashboard.routing import new_router

router = new_router()

Day = Annotated[date | None, Query(description="A day (UTC), counted too; the default is a week up to today")]


@router.get("/api/summary", operation_id="get_summary", summary="Runs of a period by state", tags=["charts"])
def get_summary(since: Day = None, until: Day = None) -> Summary:
    """How many runs ended how."""
    raise Unavailable("not yet")


@router.get("/api/report", operation_id="get_report", summary="Durations and outcomes of a period", tags=["charts"])
def get_report(flow: Annotated[FlowName | None, Query()] = None, since: Day = None, until: Day = None) -> Report:
    """How long runs took and how they ended."""
    raise Unavailable("not yet")


@router.get("/api/next", operation_id="get_next", summary="What the schedules start next", tags=["charts"])
def get_next(hours: Annotated[int, Query(ge=1, le=336)] = 24) -> Next:
    """When schedules start flows, holds visible."""
    raise Unavailable("not yet")
