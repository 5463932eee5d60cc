"""events.put_events: events to a bus of EventBridge."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Json, Pending, Result, part
from lambdas.engine.stages import Batch, Failed, Stages, Verdicts

# "PutEvents" (Amazon EventBridge API Reference).
_MOST_ENTRIES = 10
_MOST_BYTES = 256 * 1024
_PASSING = ("InternalException", "InternalFailure", "ThrottlingException")
"""Codes of an entry that EventBridge may take the next time."""


@dataclass
class PutEventsResult(Result):
    """Result of events.put_events.

    matched: the events, as BUS#1, BUS#2, ... in the order they were given.
    changed: those that EventBridge took.
    event_ids: EventBridge's ids of them.
    """

    event_ids: list[str] = field(default_factory=list)


@part(
    allow=(
        Allow(
            ("events:PutEvents",),
            ("arn:${AWS::Partition}:events:*:${AWS::AccountId}:event-bus/*",),
            named_by="event_bus",
        ),
    ),
    cost="EventBridge bills by the event, 64 KiB of it each.",
    timeout="15m",
    interval=5,
)
def put_events(
    call: Call,
    *,
    detail_type: str,
    detail: dict[str, Json] | list[dict[str, Json]],
    source: str | None = None,
    resources: list[str] | None = None,
    event_bus: str = "default",
    **common: Unpack[Common],
) -> PutEventsResult | Pending:
    """Put events on a bus of EventBridge.

    EventBridge takes or refuses each event by itself. Those that it could not take now are sent again, and no other. An
    event is taken at least once: its detail carries "nightshift_call", by which a consumer can drop a second one.

    Parameters:
    detail_type: what has happened, in words: "Backup done".
    detail: what rules match and consumers read; a list puts an event for each of its items.
    source: who tells; default: "nightshift." and the name of the flow. It may not begin with "aws.".
    resources: ARNs of what the events are about.
    event_bus: name of the bus, or its ARN for one of another account, whose policy has to allow it.

    Result: PutEventsResult.

    Errors:
    PartFailed: EventBridge refused an event, or the bus does not exist.
    AccessDenied: the role, or the policy of the bus, does not allow it.
    InvalidParameter: there is no event, or one is larger than 256 KiB.

    Source: "PutEvents" (Amazon EventBridge API Reference); "Handling failures with PutEvents" (Amazon EventBridge User
    Guide).

    Example:
        from lambdas.parts import ebs, events
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def backup_then_tell():
            \"\"\"Snapshot the databases' volumes, and let the other systems know which snapshots there are.\"\"\"
            made = ebs.create_snapshot(volume_tag="Role=database", keep="14d")
            events.put_events(detail_type="Backup done", detail={"snapshots": made.snapshot_ids})
    """
    details = detail if isinstance(detail, list) else [detail]
    name = event_bus.rpartition("/")[2]
    entries = {
        f"{name}#{number}": _entry(call, number, given, detail_type, source, resources or [], event_bus)
        for number, given in enumerate(details, 1)
    }
    if not entries:
        raise InvalidParameter("detail is an empty list; give at least one event")
    together = _together(entries)

    def request(ids: list[str], dry_run: bool) -> Any:
        return call.client("events").put_events(Entries=[entries[i] for i in ids])

    def answered(ids: list[str], answer: Any) -> Verdicts:
        for i, told in zip(ids, answer["Entries"], strict=True):
            code = told.get("ErrorCode")
            if code is None:
                call.state["taken"].append([i, told["EventId"]])
            elif code in _PASSING:
                yield i, "todo"
            else:
                yield i, Failed(code, told.get("ErrorMessage", ""))

    def plan() -> Verdicts:
        call.state["taken"] = []
        yield from ((i, "todo") for i in entries)

    def finish(result: PutEventsResult) -> None:
        ids = dict(call.state["taken"])
        result.event_ids = [ids[i] for i in entries if i in ids]

    stage = Batch(
        "todo",
        "to be taken",
        "EventBridge did not take '{id}' in time",
        request=request,
        then=answered,
        size=_MOST_ENTRIES,
        apart=lambda i: together[i],
        asks=lambda i: False,
    )
    stages = Stages(call, [stage], verb="put", done="put", noun="event", at_once=True, railed=False)
    return stages.run(plan, PutEventsResult(), finish)


def _entry(
    call: Call, number: int, detail: dict[str, Json], detail_type: str, source: str | None, about: list[str], bus: str
) -> dict[str, Any]:
    once = f"{call.run.id}/{call.run.key}/{number}"
    made = {
        "Source": source or f"nightshift.{call.run.flow}",
        "DetailType": detail_type,
        "Detail": json.dumps({**detail, "nightshift_call": once}, ensure_ascii=False),
        "Resources": about,
        "EventBusName": bus,
    }
    if _size(made) > _MOST_BYTES:
        raise InvalidParameter(f"event {number} has {_size(made)} bytes; EventBridge takes {_MOST_BYTES}")
    return made


def _size(entry: dict[str, Any]) -> int:
    return sum(len(text.encode()) for name in entry for text in _texts(entry[name]))


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _together(entries: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Event -> the number of its request, none of which is larger than EventBridge takes."""
    made: dict[str, int] = {}
    number = size = 0
    for name, entry in entries.items():
        if size + _size(entry) > _MOST_BYTES:
            number, size = number + 1, 0
        size += _size(entry)
        made[name] = number
    return made
