"""Which runs touched which resource or account: an index beside the records, for "what touched i-0abc?".

A resource is touched when a step changed it or failed on it. The index costs two small writes for each resource of a
run, and is bounded: at most MOST resources of a run, none of a dry run, and DynamoDB drops an entry after KEPT. A list
so long that it travels by reference ("Large values travel by reference", docs/design.md) is not in it.

A run that stops or starts instances has one more item, with which, their types, and when: a stop and the next start of
the same instance are the hours it was not billed ("Amazon EC2 instance state changes", Amazon EC2 User Guide).
"""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any

from lambdas.store.table import batch_get, between, only
from lambdas.tracker import keys
from lambdas.tracker.record import Record
from lambdas.tracker.store import record_of

RESOURCE, KNOWN = "RESOURCE#", "RESOURCES"
"""`pk` of the runs that touched a resource, with its id behind it; and of the ids that were touched at all."""

POWER = "POWER"
"""`pk` of the runs that stopped or started instances."""

MOST = 500
KEPT = timedelta(days=400)
MOST_MATCHING = 20
"""Ids that one text may stand for."""

STOP, START = "ec2.stop_instances", "ec2.start_instances"
_LONGEST_ID = 512
_MOST_PARTS = 5
_CHUNK = 100
_MOST_KNOWN = 50_000
"""Ids that are looked through for a text; some 4 MB."""


@dataclass(frozen=True)
class Touch:
    """What the steps of a run did to a resource. parts: that changed it or failed on it, in their order."""

    flow: str
    name: str
    started: datetime
    parts: tuple[str, ...]
    failed: bool


def write(table: Any, record: Record, detail: Mapping[str, Any]) -> None:
    """Note what a run that has ended touched; writing it again changes nothing."""
    if record.dry_run:
        return
    place = keys.place(record.started, record.flow, record.name)
    expires = int(time.time() + KEPT.total_seconds())
    with table.batch_writer() as batch:
        for id_, (parts, failed) in touched_by(record, detail).items():
            item = {"pk": f"{RESOURCE}{id_}", "sk": place, "parts": list(parts), "failed": failed, "expires": expires}
            batch.put_item(Item=item)
            batch.put_item(Item={"pk": KNOWN, "sk": id_, "expires": expires})
        if power := _power(detail):
            batch.put_item(Item={"pk": POWER, "sk": place, "json": json.dumps(power), "expires": expires})


def touched_by(record: Record, detail: Mapping[str, Any]) -> dict[str, tuple[tuple[str, ...], bool]]:
    """The resources and accounts that a run touched: by id the parts that did, and whether one failed on it."""
    found: dict[str, tuple[tuple[str, ...], bool]] = {}
    own = record.execution.split(":")[4]
    for result in _results(detail):
        part = str(result.get("part") or "")
        ids = [(id_, False) for id_ in _ids(result.get("changed"))]
        ids += [(id_, True) for id_ in _ids(result.get("failed"))]
        if part.startswith("notify.") or not ids:
            continue
        failed = any(failed for _, failed in ids)
        for id_, bad in [(str(result.get("account") or own), failed), *ids]:
            parts, before = found.get(id_, ((), False))
            if id_ in found or len(found) < MOST:
                more = () if part in parts or len(parts) == _MOST_PARTS else (part,)
                found[id_] = ((*parts, *more), before or bad)
    return found


def _power(detail: Mapping[str, Any]) -> list[tuple[str, str, list[str], dict[str, str], str]]:
    """Which instances the steps stopped and started: part, moment, at most MOST ids, their types, and the Region each.

    A result tells the types of its first 100 instances; the Region is "" for that of the app.
    """
    found: list[tuple[str, str, list[str], dict[str, str], str]] = []
    left = MOST
    for step in detail.get("steps") or ():
        for result in _results({"steps": [step]}):
            part = str(result.get("part") or "")
            at = step.get("ended" if part == STOP else "started")
            ids = _ids(result.get("changed"))[:left]
            if part in (STOP, START) and at and ids:
                types = _types(result.get("instances")) if part == STOP else {}
                known = {id_: types[id_] for id_ in ids if id_ in types}
                found.append((part, at, ids, known, str(result.get("region") or "")))
                left -= len(ids)
    return found


def _types(instances: Any) -> dict[str, str]:
    """The type of each instance that a result describes; a long list travels by reference and tells none."""
    described = instances if isinstance(instances, list) else []
    return {each["instance_id"]: each["instance_type"] for each in described if each.get("instance_type")}


def matching(table: Any, text: str) -> list[str]:
    """The ids that were touched and that a text is in, in any case of letters; one more than MOST_MATCHING at most."""
    wanted = text.casefold()
    known = between(table, None, KNOWN, " ", "\U0010ffff", limit=_MOST_KNOWN, **only(("sk",)))
    return list(islice((item["sk"] for item in known if wanted in item["sk"].casefold()), MOST_MATCHING + 1))


def touches(table: Any, id_: str, limit: int) -> list[Touch]:
    """The last runs that touched a resource, newest first."""
    items = between(table, None, f"{RESOURCE}{id_}", " ", "~", forward=False, limit=limit)
    return [_touch(item) for item in items]


def runs(
    table: Any, ids: Sequence[str], low: str, high: str, *, oldest: bool, account: str | None = None
) -> Iterator[tuple[str, Record]]:
    """The runs that touched one of these resources: (place, record) each, newest first unless `oldest`.

    low, high: places, both counted. account: in which they touched something, too; None: in any. Read page by page, as
    far as they are wanted.
    """
    some: dict[str, Any] = {"at_first": _CHUNK, **only(("sk",))}
    lists = [
        (item["sk"] for item in between(table, None, f"{RESOURCE}{id_}", low, high, forward=oldest, **some))
        for id_ in ids
    ]
    places = (place for place, _ in groupby(heapq.merge(*lists, reverse=not oldest)))
    while chunk := list(islice(places, _CHUNK)):
        if account is not None and list(ids) != [account]:
            there = {item["sk"] for item in batch_get(table, [(f"{RESOURCE}{account}", place) for place in chunk])}
            chunk = [place for place in chunk if place in there]
        wanted = [(keys.run_key(*keys.run_at(place)), keys.RECORD) for place in chunk]
        records = {record.id: record for record in map(record_of, batch_get(table, wanted))}
        for place in chunk:
            if record := records.get("/".join(keys.run_at(place))):
                yield place, record


def _touch(item: Mapping[str, Any]) -> Touch:
    flow, name = keys.run_at(item["sk"])
    started = datetime.fromisoformat(item["sk"].partition("#")[0])
    return Touch(flow, name, started, tuple(item["parts"]), bool(item["failed"]))


def _results(detail: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for step in detail.get("steps") or ():
        for result in (step.get("result"), *(step.get("results_inside") or ())):
            if isinstance(result, dict):
                yield result


def _ids(value: Any) -> list[str]:
    """The ids in a list of a result: texts, or what failed with its id."""
    items = value if isinstance(value, list) else []
    ids = [item.get("id") if isinstance(item, dict) else item for item in items]
    return [id_ for id_ in ids if isinstance(id_, str) and 0 < len(id_) <= _LONGEST_ID]
