"""The hand-over of a shift: what happened since a user last looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from lambdas.dashboard import views
from lambdas.dashboard.access import scope, user
from lambdas.dashboard.models.audit import Handover, ReadMark, ReadRequest
from lambdas.dashboard.models.common import GivenMoment
from lambdas.dashboard.routing import new_router
from lambdas.handover import marks
from lambdas.handover.happened import happened
from lambdas.store.table import table

router = new_router()

_SHIFT = timedelta(hours=8)
"""How far somebody looks back who never said that they have read."""
_LONGEST = timedelta(days=7)
_MOST = 200


@router.get("/api/handover", operation_id="get_handover", summary="What happened since I last looked", tags=["audit"])
def get_handover(
    since: Annotated[
        GivenMoment | None, Query(description="The default is until when the user has read; seven days back at most")
    ] = None,
) -> Handover:
    """Of the flows the user may see: runs that failed, and what people did, of each the latest 200."""
    now = datetime.now(UTC)
    mark = marks.read(table(), user().name)
    begin = min(max(since or mark or now - _SHIFT, now - _LONGEST), now)
    found = happened(table(), scope(), since=begin, until=now, most=_MOST)
    return Handover(
        since=begin,
        until=now,
        read=mark,
        failed=[views.run(record) for record in found.failed],
        done=[views.audit_entry(event) for event in found.done],
        more=found.more,
    )


@router.put("/api/handover/read", operation_id="mark_read", summary="Say until when I have read", tags=["audit"])
def mark_read(body: Annotated[ReadRequest, Body()]) -> ReadMark:
    """The hand-over begins here from now on, on each computer of the user. The mark never goes back."""
    return ReadMark(read=marks.keep(table(), user().name, min(body.until, datetime.now(UTC))))
