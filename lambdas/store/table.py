"""The DynamoDB table of the app: what has to be remembered between runs.

One table for everything, because each thing is found by its key: `pk` says what it is and whose, `sk` which one.
docs/design.md, "The table", lists the keys and who writes them.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

_MOST_KEYS = 100
"""Keys of one request ("BatchGetItem", DynamoDB API Reference)."""

_LONGEST_PAUSE = 0.2
"""Seconds before keys are asked for again that DynamoDB had no throughput left for."""


@cache
def table() -> Any:
    """The table as boto3 has it (`boto3.resource("dynamodb").Table`); its name is in NIGHTSHIFT_TABLE."""
    import boto3

    return boto3.resource("dynamodb").Table(os.environ["NIGHTSHIFT_TABLE"])


def batch_get(table: Any, keys: Iterable[tuple[str, str]], *, consistent: bool = False) -> Iterator[dict[str, Any]]:
    """The items with these keys that there are, in no order.

    keys: `pk` and `sk` each. consistent: read what has been written last.
    """
    left = [{"pk": partition, "sk": sort} for partition, sort in keys]
    while left:
        asked, left = left[:_MOST_KEYS], left[_MOST_KEYS:]
        wanted = {table.name: {"Keys": asked, "ConsistentRead": consistent}}
        answer = table.meta.client.batch_get_item(RequestItems=wanted)
        yield from answer["Responses"].get(table.name, [])
        again = answer.get("UnprocessedKeys", {}).get(table.name, {}).get("Keys", [])
        if again:
            time.sleep(random.uniform(0, _LONGEST_PAUSE))
        left += again


def between(
    table: Any,
    index: str | None,
    partition: str,
    low: str,
    high: str,
    *,
    forward: bool = True,
    at_first: int | None = None,
    limit: int | None = None,
    **more: Any,
) -> Iterator[dict[str, Any]]:
    """The items of a partition with a sort key from `low` to `high`, both counted; at most `limit`.

    at_first: how many the first request reads; the second reads the rest, or without a limit as many again.
    more: parameters of Query.
    """
    prefix = index or ""
    condition = f"{prefix}pk = :partition AND {prefix}sk BETWEEN :low AND :high"
    query: dict[str, Any] = {
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {":partition": partition, ":low": low, ":high": high},
        "ScanIndexForward": forward,
        **({"IndexName": index} if index else {}),
        **more,
    }
    left, asked = limit, at_first or limit
    while True:
        # The client, and not the table: only it may be used by several threads ("Clients", boto3 documentation).
        answer = table.meta.client.query(TableName=table.name, **query, **({} if asked is None else {"Limit": asked}))
        yield from answer["Items"]
        if left is not None:
            left = asked = left - len(answer["Items"])
        if "LastEvaluatedKey" not in answer or left == 0:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def only(fields: Sequence[str]) -> dict[str, Any]:
    """Read these attributes only: their keys in the other lists are as much again."""
    return {
        "ProjectionExpression": ", ".join(f"#{field}" for field in fields),
        "ExpressionAttributeNames": {f"#{field}": field for field in fields},
    }
