"""The functions of the tracker: one takes the events of Step Functions, one looks for what no event told.

EventBridge delivers at least once, and what Lambda cannot process after its retries goes to the dead-letter queue. An
event is therefore only the occasion to ask: what is written is what both it and Step Functions say.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.approval.waiting import forget_run
from lambdas.prices import kept, price_list
from lambdas.runs.app_names import AppNames
from lambdas.runs.catalogue import steps_of
from lambdas.runs.map_runs import add_items
from lambdas.store.table import batch_get, table
from lambdas.tracker import keys, observation, opened, queries, rounds, touched, trouble
from lambdas.tracker.record import RUNNING, SUCCEEDED, Record, merge
from lambdas.tracker.steps import total
from lambdas.tracker.store import record_of, save

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.tracker")

_LATER = 5
"""Later runs that are looked at: dry runs among them make nothing good."""

logger = Logger(service=_SERVICE, utc=True)
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "nightshift"), service=_SERVICE)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take an event "Step Functions Execution Status Change" to the record of its run.

    Returns {"run": its id, "state": state} of the record, empty for an execution that is no run of this app.
    """
    detail = event["detail"]
    flow = AppNames.of_environment().flow_of(detail["executionArn"])
    if flow is None:
        return {}
    logger.structure_logs(append=False, run=detail["executionArn"], flow=flow)
    record = track(flow, detail["executionArn"], observation.from_event(detail, flow))
    logger.info(f"{record.id} is {record.state}")
    return {"run": record.id, "state": record.state}


def reconcile(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Look for runs whose record is missing or behind: of the flows whose turn it is, the latest and those recorded
    as running. And fetch prices that the dashboard wants, so that no page waits for them.

    Returns {"reconciled": how many}. Raises the last error when a flow could not be looked at; the others were.
    """
    machines = _state_machines()
    running: dict[str, list[str]] = {}
    for run in _recorded_as_running():
        running.setdefault(run.flow, []).append(run.execution)
    reconciled, failure = 0, None
    for flow in rounds.share([*machines, *running], rounds.read_cursor(table())):
        try:
            reconciled += _reconcile(flow, machines.get(flow), running.get(flow, []))
        except Exception as error:
            logger.exception("the runs of a flow could not be compared with their records", flow=flow)
            failure = error
        rounds.write_cursor(table(), flow)
    kept.fetch(table(), _price_list)
    metrics.add_metric("RecordsReconciled", "Count", reconciled)
    metrics.flush_metrics()
    if failure is not None:
        raise failure
    return {"reconciled": reconciled}


def _reconcile(flow: str, machine: str | None, running: list[str]) -> int:
    """How many records of a flow were behind. machine: ARN, None when it is gone. running: executions so recorded."""
    behind = dict.fromkeys([*running, *(_not_recorded(flow, _latest_executions(machine)) if machine else [])])
    reconciled = 0
    for execution in behind:
        if (described := observation.describe(_step_functions(), execution)) is None:
            continue
        seen = observation.from_description(described, flow)
        before = queries.run(table(), flow, seen.name)
        if before is None or merge(before.record, seen) != before.record:
            _settle(_record(flow, described, seen))
            logger.warning("a record was behind; an event was lost or is late", run=execution)
            reconciled += 1
    return reconciled


def track(flow: str, execution: str, seen: Record) -> Record:
    """Write what an event and Step Functions itself say about a run; the record as it is then."""
    described = observation.describe(_step_functions(), execution)
    record = save(table(), seen) if described is None else _record(flow, described, seen)
    _settle(record)
    return record


def _record(flow: str, described: dict[str, Any], seen: Record) -> Record:
    """Write what was seen of a run and what Step Functions says of it, with its steps once it has ended."""
    now = observation.from_description(described, flow)
    seen = merge(seen, now)
    steps = steps_of(flow)
    if not now.has_ended or now.redrives != seen.redrives:
        if now.redrives:
            idle = observation.history(_step_functions(), now.execution, flow, steps).idle
            seen = replace(seen, idle=idle)
        return save(table(), seen)
    if any(row.kind == "approval" for row in steps.values()):
        forget_run(table(), flow, now.name)
    told = observation.history(_step_functions(), now.execution, flow, steps)
    add_items(_step_functions(), told)
    detail = observation.detail_of(described, told)
    # Before the record: once that is there nobody looks at the run again.
    touched.write(table(), seen, detail)
    record = save(table(), replace(seen, counts=total(detail["steps"]), idle=told.idle), detail)
    trouble.tell(record, detail)
    return record


def _settle(record: Record) -> None:
    """Close what the run makes good, or what it opened if a later one had made it good before it was recorded."""
    opened.settle(table(), record)
    if record.state not in trouble.TROUBLES:
        return
    later, _ = queries.runs(table(), [record.flow], state=SUCCEEDED, since=record.started, limit=_LATER)
    for run in later:
        opened.settle(table(), run)


def _recorded_as_running() -> list[Record]:
    found: list[Record] = []
    cursor: str | None = None
    while True:
        page, cursor = queries.runs(table(), state=RUNNING, cursor=cursor, limit=queries.MOST)
        found += page
        if cursor is None:
            return found


def _state_machines() -> dict[str, str]:
    """Flow -> the ARN of its state machine."""
    names = AppNames.of_environment()
    pages = _step_functions().get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 1000})
    arns = [machine["stateMachineArn"] for page in pages for machine in page["stateMachines"]]
    return {flow: arn for arn in arns if (flow := names.flow_of(arn))}


def _latest_executions(machine: str) -> list[dict[str, Any]]:
    """The latest hundred executions of a state machine."""
    found: list[dict[str, Any]] = _step_functions().list_executions(stateMachineArn=machine, maxResults=100)[
        "executions"
    ]
    return found


def _not_recorded(flow: str, executions: list[dict[str, Any]]) -> list[str]:
    """The ARNs of those executions that have no record in the state they are in."""
    wanted = [(keys.run_key(flow, e["name"]), keys.RECORD) for e in executions]
    recorded = {record.name: record for record in map(record_of, batch_get(table(), wanted))}
    return [e["executionArn"] for e in executions if _differs(recorded.get(e["name"]), e)]


def _differs(record: Record | None, execution: dict[str, Any]) -> bool:
    return record is None or record.has_ended != (execution["status"] not in ("RUNNING", "PENDING_REDRIVE"))


@cache
def _price_list() -> Any:
    """A client of the Price List, None where there is none."""
    import boto3

    session = boto3.Session()
    return price_list.pricing(session, session.region_name)


@cache
def _step_functions() -> Any:
    """A client that waits out a throttled minute: the functions have two, and nobody waits for their answer."""
    import boto3
    from botocore.config import Config

    return boto3.client("stepfunctions", config=Config(retries={"mode": "standard", "total_max_attempts": 8}))
