"""Whether anything has changed: what a page asks every few seconds in place of asking for all that it shows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

from lambdas.dashboard.models.pulse import Pulse
from lambdas.dashboard.routes.approvals import list_approvals
from lambdas.dashboard.routes.audit import list_audit
from lambdas.dashboard.routes.open_items import list_open
from lambdas.dashboard.routes.runs import list_runs
from lambdas.dashboard.routing import new_router
from lambdas.gate import holds
from lambdas.store.table import table

router = new_router()

_RUNS = 20
"""As many as may start or end between two requests in which somebody looks."""
_LATELY = timedelta(hours=1)


@router.get("/api/pulse", operation_id="get_pulse", summary="Whether anything has changed", tags=["runs"])
def get_pulse() -> Pulse:
    """A text that becomes another one when a run of theirs starts or ends, or somebody does something."""
    runs = [(run.id, run.state) for run in list_runs(limit=_RUNS).runs]
    opened = [(item.flow, item.key) for item in list_open().items]
    asked = [(each.run, each.id, len(each.decisions)) for each in list_approvals().approvals]
    done = [entry.time.isoformat() for entry in list_audit(since=datetime.now(UTC) - _LATELY, limit=1).entries]
    frozen = holds.frozen(table())
    state = json.dumps([runs, opened, asked, done, frozen and frozen.since.isoformat()])
    return Pulse(mark=hashlib.sha256(state.encode()).hexdigest()[:16])
