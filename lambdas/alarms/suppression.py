"""A suppression window for alarms: at most one run in so much time, decided once and for all for each message.

Two items of the table: when the next run may be for something (an instance, an alarm), and what was decided about a
message. A message that may start its run and the time from which the next may are written in one transaction. So a
second delivery, also one after a crash right behind it, finds the decision and comes to the same run.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from dataclasses import dataclass
from typing import Any

from lambdas.contract import aws_errors
from lambdas.store.table import table

_REMEMBERED = 30 * 86400
"""Seconds a decision is kept: longer than SNS goes on delivering, which is 23 days at most for a Lambda function
("Amazon SNS message delivery retries", Amazon SNS Developer Guide)."""

_ATTEMPTS = 8
_FIRST_PAUSE = 0.05


@dataclass(frozen=True)
class Decision:
    """What becomes of a message.

    start: whether it starts its run.
    new: whether this was decided now, and not at an earlier delivery.
    last_run: execution name of the run because of which it is held back, or "".
    """

    start: bool
    new: bool
    last_run: str = ""


class Contended(Exception):
    """Too many messages about the same thing at the same moment; the delivery is to be repeated."""


def decide(flow: str, about: str, execution: str, window: int, now: float) -> Decision:
    """Whether a message may start a run of `flow`: at most one in `window` seconds for the same `about`.

    execution: name of the run it would start, which is the same for every delivery of the message.
    now: seconds since the epoch.

    Raises Contended.
    """
    key = {"pk": f"STORM#{flow}"}
    last = {**key, "sk": f"LAST#{hashlib.sha256(about.encode()).hexdigest()[:32]}"}
    message = {**key, "sk": f"MESSAGE#{execution}"}
    for attempt in range(_ATTEMPTS):
        if decided := table().get_item(Key=message, ConsistentRead=True).get("Item"):
            return Decision(bool(decided["start"]), new=False, last_run=str(decided.get("last_run", "")))
        if _take(last, message, execution, window, now):
            return Decision(start=True, new=True)
        before = table().get_item(Key=last, ConsistentRead=True).get("Item", {})
        if before.get("until", 0) > now:
            last_run = str(before["run"])
            if _put(message, {"start": False, "last_run": last_run, "expires": int(now) + _REMEMBERED}):
                return Decision(start=False, new=True, last_run=last_run)
        # Someone else is writing the same items at this moment: a transaction of DynamoDB does not wait for another.
        time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))
    raise Contended(f"{flow}: no decision about {execution} after {_ATTEMPTS} attempts")


def _take(last: dict[str, str], message: dict[str, str], execution: str, window: int, now: float) -> bool:
    """Let the message through unless another was within the window; False when not, or when somebody interfered.

    TransactWriteItems needs the permissions of what it does, here PutItem ("Using IAM with DynamoDB transactions",
    Amazon DynamoDB Developer Guide).
    """
    name = os.environ["NIGHTSHIFT_TABLE"]
    until = int(now) + window
    first: dict[str, Any] = {
        "TableName": name,
        "Item": {**last, "run": execution, "until": until, "expires": until},
        "ConditionExpression": "attribute_not_exists(pk) OR #until <= :now",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": {":now": int(now)},
    }
    second: dict[str, Any] = {
        "TableName": name,
        "Item": {**message, "start": True, "expires": int(now) + _REMEMBERED},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    try:
        table().meta.client.transact_write_items(TransactItems=[{"Put": first}, {"Put": second}])
    except Exception as error:
        if aws_errors.code(error) not in ("TransactionCanceledException", "TransactionInProgressException"):
            raise
        return False
    return True


def _put(key: dict[str, str], values: dict[str, Any]) -> bool:
    """Write an item that is not there yet; False when it is."""
    try:
        table().put_item(Item={**key, **values}, ConditionExpression="attribute_not_exists(pk)")
    except Exception as error:
        if aws_errors.code(error) not in ("ConditionalCheckFailedException", "TransactionConflictException"):
            raise
        return False
    return True
