"""How long a flow and its steps usually take, by its own history."""

from __future__ import annotations

from statistics import median
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from lambdas.dashboard.access import check_seen
from lambdas.dashboard.models.common import FlowName
from lambdas.dashboard.models.usual import Usual
from lambdas.dashboard.routing import new_router
from lambdas.store.table import table
from lambdas.tracker import queries

router = new_router()

_DETAILS = 10
"""Runs whose steps are read: each may be as large as an item can be."""


@router.get("/api/flows/<flow>/usual", operation_id="get_usual", summary="How long it usually takes", tags=["flows"])
def get_usual(flow: Annotated[FlowName, Path()]) -> Usual:
    """The median durations of the last runs that succeeded, dry runs and redriven ones left out, and of their steps."""
    check_seen(flow)
    last = queries.usual(table(), flow)
    took: dict[str, list[float]] = {}
    for detail in queries.details(table(), last[:_DETAILS]):
        for step in detail.get("steps") or []:
            if step["state"] == "succeeded" and step["duration"] is not None:
                took.setdefault(step["name"], []).append(step["duration"])
    return Usual(
        runs=len(last),
        duration=queries.usual_seconds(last),
        steps={name: median(each) for name, each in took.items()},
    )
