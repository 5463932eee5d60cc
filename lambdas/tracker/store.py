"""The tracker's items in the app's table: writing a record together with the counters it moves.

A record, its detail, what it opens and the counters it moves change in one transaction, on the condition that record
and counters XX
Source: "Managing complex workflows with DynamoDB transactions" (DynamoDB Developer Guide).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lambdas.tracker import keys
from lambdas.tracker.counters import SHARDS, Contribution, contribution, places
from lambdas.tracker.opened import item_of as item_of_open
from lambdas.tracker.opened import opened_by
from lambdas.tracker.record import Counts, Record, merge

_TRIES = 20
"""Many, since runs that start at the same moment write the same counters."""
_LONGEST_PAUSE = 1.0
_MILLISECOND = timedelta(milliseconds=1)
_CONFLICTS = {"ConditionalCheckFailed", "TransactionConflict"}


class Contended(Exception):
    """Others kept changing the same items; trying again later helps."""


def save(table: Any, seen: Record, detail: Mapping[str, Any] | None = None) -> Record:
    """Merge what was seen of a run into its record; the record as it is then.

    detail: what is kept beside it, as `steps.bounded` gives it; written when the record ends as far as `seen`.
    Raises Contended.
    """
    for attempt in range(_TRIES):
        item = table.get_item(Key=_key(seen, keys.RECORD), ConsistentRead=True).get("Item")
        old = record_of(item) if item else None
        new = merge(old, seen)
        detailed = detail is not None and new.has_ended and new.redrives == seen.redrives
        if new == old and (not detailed or item["detailed"]):
            return new
        version = int(item["version"]) if item else 0
        writes = [_record_write(table, new, version, detailed=detailed or bool(item and _stays(old, new, item)))]
        if detailed:
            kept = {**_key(new, keys.DETAIL), "json": _compact(detail)}
            writes.append({"Put": {"TableName": table.name, "Item": kept}})
        if found := opened_by(old, new, detail or {}):
            writes.append({"Put": {"TableName": table.name, "Item": item_of_open(found)}})
        shard = random.randrange(SHARDS) if attempt else 0
        writes += _counter_writes(table, contribution(old) if old else None, contribution(new), shard)
        if _transact(table, writes):
            return new
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.02 * 2**attempt)))
    raise Contended(f"the record of {seen.id} could not be written: others kept changing it or its counters")


def item_of(record: Record, *, version: int, detailed: bool) -> dict[str, Any]:
    """The item of a record, with its place in the lists.

    The record is one text, as its detail is: botocore takes a list of runs apart attribute by attribute, and that takes
    longer than DynamoDB's answer. What is looked for is in the keys.
    """
    place = keys.place(record.started, record.flow, record.name)
    item: dict[str, Any] = {
        **_key(record, keys.RECORD),
        "json": record_text(record),
        "version": version,
        "detailed": detailed,
    }
    for flow in (record.flow, None):
        for state in (None, record.state):
            index, partition = keys.list_of(flow, state)
            item |= {f"{index}pk": partition, f"{index}sk": place}
    return item


def record_text(record: Record) -> str:
    """A record as the text that `record_of` reads."""
    return _compact(_told(record))


def record_of(item: Mapping[str, Any]) -> Record:
    """The record in an item; of the item only "json" is read."""
    told = json.loads(item["json"])
    return Record(
        flow=told["flow"],
        name=told["name"],
        execution=told["execution"],
        state=told["state"],
        started=datetime.fromisoformat(told["started"]),
        ended=datetime.fromisoformat(told["ended"]) if told["ended"] else None,
        trigger=told["trigger"],
        dry_run=told["dry_run"],
        counts=Counts(**told["counts"]),
        error=told["error"],
        skipped=told["skipped"],
        redrives=told["redrives"],
        # Records of before have none.
        idle=told.get("idle", 0) * _MILLISECOND,
    )


def _told(record: Record) -> dict[str, Any]:
    return {
        **vars(record),
        "started": keys.moment_text(record.started),
        "ended": keys.moment_text(record.ended) if record.ended else None,
        "trigger": dict(record.trigger),
        "counts": vars(record.counts),
        "idle": record.idle // _MILLISECOND,
    }


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _key(record: Record, sort: str) -> dict[str, str]:
    return {"pk": keys.run_key(record.flow, record.name), "sk": sort}


def _stays(old: Record | None, new: Record, item: Mapping[str, Any]) -> bool:
    """Whether the detail that is there is still that of the record."""
    return old is not None and bool(item["detailed"]) and new.has_ended and old.redrives == new.redrives


def _record_write(table: Any, record: Record, version: int, *, detailed: bool) -> dict[str, Any]:
    item = item_of(record, version=version + 1, detailed=detailed)
    return {"Put": {"TableName": table.name, "Item": item, **_unchanged_since(version)}}


def _counter_writes(table: Any, old: Contribution | None, new: Contribution, shard: int) -> list[dict[str, Any]]:
    """Take the old contribution out of this shard of its counters and put the new one in."""
    if old == new:
        return []
    found: dict[tuple[str, str], dict[str, Any]] = {}
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for counted, times in ((old, -1), (new, 1)):
        for key, made in places(counted, shard) if counted else ():
            if key not in found:
                found[key] = table.get_item(Key={"pk": key[0], "sk": key[1]}, ConsistentRead=True).get("Item", {})
            texts[key] = made(texts.get(key, found[key]), counted, times)
    return [_counter_write(table, key, int(found[key].get("version", 0)), kept) for key, kept in texts.items()]


def _counter_write(table: Any, key: tuple[str, str], version: int, texts: Mapping[str, str]) -> dict[str, Any]:
    item = {"pk": key[0], "sk": key[1], **texts, "version": version + 1}
    return {"Put": {"TableName": table.name, "Item": item, **_unchanged_since(version)}}


def _unchanged_since(version: int) -> dict[str, Any]:
    """The condition that an item is still of this version, 0 when there was none."""
    if not version:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "version = :version", "ExpressionAttributeValues": {":version": version}}


def _transact(table: Any, writes: list[dict[str, Any]]) -> bool:
    """Write all or nothing; False when somebody else was faster."""
    client = table.meta.client
    try:
        client.transact_write_items(TransactItems=writes)
    except client.exceptions.TransactionCanceledException as error:
        reasons = {reason["Code"] for reason in error.response["CancellationReasons"]} - {"None"}
        if reasons <= _CONFLICTS:
            return False
        raise
    return True
