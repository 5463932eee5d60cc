"""The gate: the first step of each run that a trigger may have started. It says whether the run goes on.

A hold, the flow's calendar, a skip of the next start and other runs of the flow can speak against it; `gating` decides
that, this is its way to AWS. What is decided against a run is never silent: it is the execution's output, a line in
the log and a metric.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.contract.aws_errors import as_part_error
from lambdas.contract.errors import InvalidParameter
from lambdas.gate import holds
from lambdas.gate.decision import CannotTell, Decision, Record, Request, Rules, decide
from lambdas.gate.overlap import Entry
from lambdas.store.table import table

RULES_FILE = "gate.json"
"""Beside lambdas/ in the code asset: flow -> its rules."""

QUEUE = "TURN"

CLAIM_SECONDS = 14 * 86400
"""How long it is remembered which run has a due time: as long as that run can be redriven ("Redriving executions",
Step Functions Developer Guide), and far longer than Scheduler delivers (stacks/schedule.py, MAX_AGE)."""

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.gate")

logger = Logger(service=_SERVICE, utc=True)
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "nightshift"), service=_SERVICE)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say whether a run goes on.

    event: {"trigger": what started the run, as in its input, "state": null or what the last reply gave,
        "run": the run, as parts get it}.

    Returns the reply of the contract of parts; the result is {"run": whether it goes on, "reason": why not, "kind": of
    what skips it}.
    Raises InvalidParameter for a flow that the gate was not deployed for.
    """
    run = event["run"]
    logger.structure_logs(append=False, run=run["id"], flow=run["flow"], trigger=event["trigger"].get("type"))
    request = Request(
        flow=run["flow"],
        run=run["id"].rpartition(":")[2],
        started=run["started"],
        trigger=event["trigger"],
        state=event.get("state") or {},
    )
    decision = decide(request, _rules_of(request.flow), TableStore(table()), Executions(run["id"]), time.time())
    _tell(request, decision)
    return decision.reply()


class TableStore:
    """`gating.Store` in the app's table (boto3's `Table`)."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def read(self, flow: str) -> Record:
        """What is remembered of the flow."""
        from boto3.dynamodb.conditions import Key

        with _answering():
            # A hold, a skip and a queue of a hundred are far from the 1 MB of a page.
            items, every = (
                {
                    item["sk"]: item
                    for item in self._table.query(KeyConditionExpression=key, ConsistentRead=True)["Items"]
                }
                for key in (Key("pk").eq(holds.partition(name)) for name in (flow, holds.EVERY))
            )
        kept = items.get(QUEUE, {})
        queue = [Entry(e["run"], int(e["at"]), e["answer"], e["reason"]) for e in kept.get("entries", [])]
        held = holds.held(flow, items.get(holds.HOLD), items.get(holds.SKIP), every.get(holds.HOLD))
        return Record(held, queue, int(kept.get("version", 0)))

    def claim(self, flow: str, occurrence: str, run: str, now: float) -> str:
        """Give an occurrence to a run unless another has it; the run that has it."""
        key = {"pk": f"START#{flow}", "sk": occurrence}
        with _answering():
            try:
                self._table.update_item(
                    Key=key,
                    UpdateExpression="SET #run = :run, expires = :expires",
                    ConditionExpression="attribute_not_exists(#run) OR #run = :run",
                    ExpressionAttributeNames={"#run": "run"},
                    ExpressionAttributeValues={":run": run, ":expires": int(now) + CLAIM_SECONDS},
                )
            except self._table.meta.client.exceptions.ConditionalCheckFailedException:
                return str(self._table.get_item(Key=key, ConsistentRead=True)["Item"]["run"])
        return run

    def use_skip(self, flow: str, skip: holds.Skip, due: datetime) -> bool:
        """Use the skip for an occurrence."""
        with _answering():
            return holds.use_skip(self._table, flow, skip, due)

    def write_queue(self, flow: str, queue: Sequence[Entry], version: int) -> bool:
        """Write the queue if nobody else has in between."""
        with _answering():
            try:
                self._table.update_item(
                    Key={"pk": holds.partition(flow), "sk": QUEUE},
                    UpdateExpression="SET entries = :entries, version = :next",
                    ConditionExpression="version = :version" if version else "attribute_not_exists(version)",
                    ExpressionAttributeValues={
                        ":entries": [asdict(entry) for entry in queue],
                        ":next": version + 1,
                        **({":version": version} if version else {}),
                    },
                )
            except self._table.meta.client.exceptions.ConditionalCheckFailedException:
                return False
        return True


class Executions:
    """`gating.Runs` of Step Functions. run: ARN of the execution that asks."""

    def __init__(self, run: str) -> None:
        self._machine = run.rpartition(":")[0]

    def status(self, run: str) -> str | None:
        """The status of an execution of the same flow."""
        client = _step_functions()
        with _answering():
            try:
                return str(client.describe_execution(executionArn=f"{self._machine}:{run}")["status"])
            except client.exceptions.ExecutionDoesNotExist:
                return None

    def running(self) -> list[tuple[datetime, str]]:
        """Start and name of the flow's executions that are under way; the latest hundred."""
        machine = self._machine.replace(":execution:", ":stateMachine:", 1)
        with _answering():
            page = _step_functions().list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=100)
        return [(execution["startDate"], execution["name"]) for execution in page["executions"]]


@contextmanager
def _answering() -> Iterator[None]:
    """AWS's errors as what they mean here: it cannot be told now."""
    try:
        yield
    except Exception as error:
        known = as_part_error(error)
        if known is None:
            raise
        raise CannotTell(str(known)) from error


def _rules_of(flow: str) -> Rules:
    found = _rules(Path(__file__).resolve().parents[2] / RULES_FILE).get(flow)
    if found is None:
        raise InvalidParameter(f"the gate knows no flow {flow}; deploy the app again")
    return found


@cache
def _rules(file: Path) -> dict[str, Rules]:
    return {flow: Rules.from_json(given) for flow, given in json.loads(file.read_text()).items()}


@cache
def _step_functions() -> Any:
    import boto3

    return boto3.client("stepfunctions")


def _tell(request: Request, decision: Decision) -> None:
    """The line in the log and the metrics of a decision."""
    if decision.runs is None:
        logger.info(f"waiting for {decision.state.get('waiting_for')}", wait=decision.wait)
        return
    if decision.failure:
        logger.error(f"decided without holds and skips: {decision.failure}")
        _count("GateFailures")
    if decision.runs:
        logger.info("the run goes on")
    else:
        logger.info(f"skipped: {decision.reason}", kind=decision.kind, due=request.due.isoformat())
        _count("RunsSkipped", flow=request.flow, kind=str(decision.kind))


def _count(name: str, **dimensions: str) -> None:
    for dimension, value in dimensions.items():
        metrics.add_dimension(dimension, value)
    metrics.add_metric(name, "Count", 1)
    metrics.flush_metrics()
