"""Tells people of runs that need them, by mail and by messages on SNS topics, and watches deadlines.

The tracker asks, once it has recorded a run that ended; a rule of EventBridge asks every few minutes.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.alerts.story import story_of
from lambdas.alerts.telling import logger, recipients_of, tell
from lambdas.alerts.told import Claims
from lambdas.alerts.watch import watch
from lambdas.runs.catalogue import FlowEntry, catalogue
from lambdas.store.table import table
from lambdas.tracker import queries
from lambdas.tracker.trouble import needs_someone

_NEWS = timedelta(days=1)
"""What ended longer ago is no news: a record that was found so late is shown, and nobody is woken."""


def handler(event: dict[str, Any], context: Any) -> dict[str, list[str]]:
    """Tell of a run, {"flow", "run": name of the execution}, or watch deadlines at the "time" of a scheduled event.

    Returns {"told": who was told by this invocation}, of a watch {"raised": what is open now that was not before}.
    Raises NotTold when somebody has to be tried again.
    """
    if event.get("detail-type") == "Scheduled Event":
        logger.structure_logs(append=False)
        return {"raised": watch(table(), catalogue(), datetime.fromisoformat(event["time"]))}
    logger.structure_logs(append=False, flow=event["flow"], run=event["run"])
    found = queries.run(table(), event["flow"], event["run"])
    if found is None or not found.record.ended or not needs_someone(found.record, found.detail):
        return {"told": []}
    record = found.record
    if record.ended is not None and record.ended < datetime.now(UTC) - _NEWS:
        logger.warning("ended more than a day ago; nobody is told")
        return {"told": []}
    entry = catalogue().get(record.flow)
    named = () if _left_to_caller(record.trigger["type"], entry) else recipients_of(entry)
    claims = Claims(table(), record.id, f"ended#{record.redrives}", time.time())
    return {"told": tell(story_of(record, found.detail, entry), named, claims)}


def _left_to_caller(trigger: str, entry: FlowEntry | None) -> bool:
    """Whether the flow that called a run is the one to tell: the called one names nobody itself."""
    return trigger == "flow" and (entry is None or entry.notify is None)
