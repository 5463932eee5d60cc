"""What is open: runs that need someone, until a user acknowledges them or a later run of their flow succeeds.

They are one partition of the table, each below its flow, so that all of them, or those of a flow, are one Query.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.hints import advice
from lambdas.store import audit
from lambdas.tracker.keys import moment_text
from lambdas.tracker.record import SKIPPED, SUCCEEDED, Record
from lambdas.tracker.steps import diagnoses
from lambdas.tracker.trouble import needs_someone

OPEN = "OPEN"
"""`pk` of all that is open."""

LONGEST_COMMENT = 500
_LONGEST_WHY = 500


@dataclass(frozen=True)
class OpenItem:
    """Something that needs someone.

    key: tells it from others of its flow; of a run the name of its execution. kind: the state in which a run ended, in
    lower case, or the deadline that was missed. at: when it happened. run: name of the execution, "" when there is
    none. why, todo: what happened, and what to do about it, as far as is known. until: a run that started then or
    later, and succeeds, closes it.
    """

    flow: str
    key: str
    kind: str
    at: datetime
    until: datetime
    run: str = ""
    why: str = ""
    todo: str = ""

    @property
    def id(self) -> str:
        """What people and the command line call it: "<flow>/<key>", for a run the same as the run's."""
        return f"{self.flow}/{self.key}"


def item_of(found: OpenItem) -> dict[str, Any]:
    """What is open as an item of the table."""
    told = {**vars(found), "at": moment_text(found.at), "until": moment_text(found.until)}
    return {**_key(found.flow, found.key), "json": json.dumps(told, ensure_ascii=False, separators=(",", ":"))}


def opened_by(old: Record | None, new: Record, detail: Mapping[str, Any]) -> OpenItem | None:
    """What the change of a record opens: None unless the run has ended just now, and needs someone.

    Of a run that another flow called, the run of that flow is open, if it did not handle the failure.
    """
    if not needs_someone(new, detail) or new.trigger["type"] == "flow" or new.ended is None:
        return None
    if old is not None and (old.state, old.redrives) == (new.state, new.redrives):
        return None
    cause = new.skipped if new.state == SKIPPED else str(detail.get("cause") or "")
    return OpenItem(
        flow=new.flow,
        key=new.name,
        kind=new.state.lower(),
        at=new.ended,
        until=new.started,
        run=new.name,
        why=": ".join(filter(None, [new.error, cause.strip()]))[:_LONGEST_WHY],
        todo=advice(new.error, new.state, diagnoses(detail.get("failures"))),
    )


def add(table: Any, found: OpenItem) -> None:
    """Open something that no run opened."""
    table.put_item(Item=item_of(found))


def listed(table: Any, flow: str | None = None) -> list[OpenItem]:
    """All that is open, or what is of a flow; what happened last comes first."""
    return sorted(_read(table, flow), key=lambda found: found.at, reverse=True)


def settle(table: Any, record: Record) -> None:
    """Close what a run that succeeded makes good. A dry run makes nothing good."""
    if record.state != SUCCEEDED or record.dry_run:
        return
    for found in _read(table, record.flow):
        if found.until <= record.started:
            table.delete_item(Key=_key(found.flow, found.key))


def acknowledge(
    table: Any, flow: str, key: str, *, by: str, comment: str, now: datetime | None = None
) -> OpenItem | None:
    """Close what is open because somebody has taken care of it; None when it is not open.

    comment: what was found, or done. now: aware; default: the clock. Raises InvalidParameter without a comment.
    """
    said = " ".join(comment.split())
    if not said or len(said) > LONGEST_COMMENT:
        raise InvalidParameter(
            f"comment has {len(said)} characters; say in 1 to {LONGEST_COMMENT} what was found or done: "
            "whoever looks at the run later will read it"
        )
    answer = table.delete_item(Key=_key(flow, key), ReturnValues="ALL_OLD")
    if "Attributes" not in answer:
        return None
    found = _item(answer["Attributes"])
    told = {"run": found.id} if found.run else {"open": found.id}
    details = {**told, "kind": found.kind, "comment": said}
    audit.record(table, by=by, action="acknowledge", flow=flow, details=details, now=now or datetime.now(UTC))
    return found


def _read(table: Any, flow: str | None) -> Iterator[OpenItem]:
    values = {":open": OPEN, **({":flow": f"{flow}#"} if flow else {})}
    query: dict[str, Any] = {
        "KeyConditionExpression": "pk = :open" + (" AND begins_with(sk, :flow)" if flow else ""),
        "ExpressionAttributeValues": values,
        "ConsistentRead": True,
    }
    while True:
        answer = table.query(**query)
        yield from map(_item, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _item(item: Mapping[str, Any]) -> OpenItem:
    told = json.loads(item["json"])
    return OpenItem(
        **{**told, "at": datetime.fromisoformat(told["at"]), "until": datetime.fromisoformat(told["until"])}
    )


def _key(flow: str, key: str) -> dict[str, str]:
    return {"pk": OPEN, "sk": f"{flow}#{key}"}
