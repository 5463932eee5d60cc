"""The tracker's items in the app's table: writing a record together with the counters it moves.

A record, its detail and the counters of its day change in one transaction, on the condition that the record is still
the one that was read. So each run counts once, in the state its record has, however often a write is tried again.
Source: "Managing complex workflows with DynamoDB transactions" (DynamoDB Developer Guide).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lambdas.tracker import keys
from lambdas.tracker.record import RUNNING, SKIPPED, Counts, Record, merge

_TRIES = 12
_LONGEST_PAUSE = 1.0
_CONFLICTS = {"ConditionalCheckFailed", "TransactionConflict"}
_MILLISECOND = timedelta(milliseconds=1)


class Contended(Exception):
    """Others kept changing the same items; trying again later helps."""


@dataclass(frozen=True)
class Contribution:
    """What a run adds to the counter of its flow on the day it started (UTC).

    milliseconds: how long it took, None as long as it runs, and when it was skipped.
    """

    day: date
    flow: str
    state: str
    milliseconds: int | None


def contribution(record: Record) -> Contribution:
    """What a run adds to the counters."""
    took = record.duration if record.state not in (RUNNING, SKIPPED) else None
    return Contribution(
        record.started.date(), record.flow, record.state, None if took is None else max(0, took // _MILLISECOND)
    )


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
            text = json.dumps(detail, ensure_ascii=False, separators=(",", ":"))
            writes.append({"Put": {"TableName": table.name, "Item": {**_key(new, keys.DETAIL), "json": text}}})
        writes += _counter_writes(table, contribution(old) if old else None, contribution(new))
        if _transact(table, writes):
            return new
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.02 * 2**attempt)))
    raise Contended(f"the record of {seen.id} could not be written: others kept changing it or its counters")


def item_of(record: Record, *, version: int, detailed: bool) -> dict[str, Any]:
    """The item of a record, with its place in the lists."""
    place = keys.place(record.started, record.flow, record.name)
    item: dict[str, Any] = {
        **_key(record, keys.RECORD),
        "flow": record.flow,
        "name": record.name,
        "execution": record.execution,
        "state": record.state,
        "started": keys.moment_text(record.started),
        "trigger": dict(record.trigger),
        "dry_run": record.dry_run,
        "counts": vars(record.counts),
        "redrives": record.redrives,
        "version": version,
        "detailed": detailed,
    }
    if record.ended:
        item["ended"] = keys.moment_text(record.ended)
    item |= {name: text for name in ("error", "skipped") if (text := getattr(record, name))}
    for flow in (record.flow, None):
        for state in (None, record.state):
            index, partition = keys.list_of(flow, state)
            item |= {f"{index}pk": partition, f"{index}sk": place}
    return item


RECORD_FIELDS = (
    "flow",
    "name",
    "execution",
    "state",
    "started",
    "ended",
    "trigger",
    "dry_run",
    "counts",
    "error",
    "skipped",
    "redrives",
)
"""What `record_of` reads of an item."""


def record_of(item: Mapping[str, Any]) -> Record:
    """The record in an item."""
    return Record(
        flow=item["flow"],
        name=item["name"],
        execution=item["execution"],
        state=item["state"],
        started=datetime.fromisoformat(item["started"]),
        ended=datetime.fromisoformat(item["ended"]) if item.get("ended") else None,
        trigger=item["trigger"],
        dry_run=item["dry_run"],
        counts=Counts(**{name: int(count) for name, count in item["counts"].items()}),
        error=item.get("error", ""),
        skipped=item.get("skipped", ""),
        redrives=int(item["redrives"]),
    )


def _key(record: Record, sort: str) -> dict[str, str]:
    return {"pk": keys.run_key(record.flow, record.name), "sk": sort}


def _stays(old: Record | None, new: Record, item: Mapping[str, Any]) -> bool:
    """Whether the detail that is there is still that of the record."""
    return old is not None and bool(item["detailed"]) and new.has_ended and old.redrives == new.redrives


def _record_write(table: Any, record: Record, version: int, *, detailed: bool) -> dict[str, Any]:
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if version:
        condition = {
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": version},
        }
    item = item_of(record, version=version + 1, detailed=detailed)
    return {"Put": {"TableName": table.name, "Item": item, **condition}}


def _counter_writes(table: Any, old: Contribution | None, new: Contribution) -> list[dict[str, Any]]:
    """Take the old contribution out of its counter and put the new one in."""
    if old == new:
        return []
    if old is not None and (old.day, old.flow) != (new.day, new.flow):
        return [_counter_write(table, old, None), _counter_write(table, None, new)]
    return [_counter_write(table, old, new)]


def _counter_write(table: Any, old: Contribution | None, new: Contribution | None) -> dict[str, Any]:
    place = new or old
    assert place is not None, "a counter is changed by something"
    change: dict[str, int] = {}
    for counted, sign in ((old, -1), (new, 1)):
        if counted:
            change[counted.state] = change.get(counted.state, 0) + sign
            if counted.milliseconds is not None:
                change["timed"] = change.get("timed", 0) + sign
                change["milliseconds"] = change.get("milliseconds", 0) + sign * counted.milliseconds
    key = {"pk": keys.month_key(place.day), "sk": keys.day_key(place.day, place.flow)}
    names = {f"#{name}": name for name in change}
    values: dict[str, Any] = {f":{name}": amount for name, amount in change.items()}
    sets = ["flow = :flow", "gsi1pk = :list", "gsi1sk = :day"]
    values |= {":flow": place.flow, ":list": keys.days_of(place.flow), ":day": place.day.isoformat()}
    longest = _longest(table, key, new)
    condition: dict[str, Any] = {}
    if longest is not None:
        sets.append("longest = :longest")
        values[":longest"] = longest
        condition = {"ConditionExpression": "attribute_not_exists(longest) OR longest < :longest"}
    added = ", ".join(f"#{name} :{name}" for name in change)
    return {
        "Update": {
            "TableName": table.name,
            "Key": key,
            "UpdateExpression": f"SET {', '.join(sets)} ADD {added}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            **condition,
        }
    }


def _longest(table: Any, key: dict[str, str], new: Contribution | None) -> int | None:
    """The longest duration of the day, when this run makes it longer. A run never gets shorter again."""
    if new is None or new.milliseconds is None:
        return None
    found = table.get_item(Key=key, ProjectionExpression="longest", ConsistentRead=True).get("Item") or {}
    return new.milliseconds if new.milliseconds > found.get("longest", -1) else None


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
