"""Holds and skips: what an operator sets to keep a flow from being started by its triggers.

A hold lasts until it is released or its end comes. A skip takes one occurrence of the schedule out: the first that
would run and was due after the skip was asked for. Neither stops a run that has begun, nor one started by hand or by
another flow. A retirement is the hold of a flow that is about to be removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.contract.errors import InvalidParameter
from lambdas.store import audit
from lambdas.store.table import batch_get

HOLD, SKIP = "HOLD", "SKIP"
_INSTANT = timedelta(microseconds=1)
_LONGEST_WHY = 500


@dataclass(frozen=True)
class Hold:
    """A flow is held.

    since: when it was put on hold. until: when that ends by itself, or None. Both aware, in UTC.
    retired: whether it is held because it is about to be removed.
    """

    by: str
    why: str
    since: datetime
    until: datetime | None = None
    retired: bool = False

    def holds(self, due: datetime) -> bool:
        """Whether a run that was due at that moment is held."""
        return self.until is None or due < self.until

    def told(self, timezone: str) -> str:
        """It in words, with times of that zone: "held until 2026-12-01 00:00 JST by alice: year-end closing"."""
        until = f" until {self.until.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}" if self.until else ""
        return f"{'retired' if self.retired else 'held'}{until} by {short_name(self.by)}: {self.why}"


@dataclass(frozen=True)
class Skip:
    """One occurrence of a schedule is skipped.

    since: when that was asked for; only what is due from then on is skipped. used_for: when the occurrence that was
    skipped was due, None as long as it is still to come.
    """

    by: str
    why: str
    since: datetime
    used_for: datetime | None = None

    def told(self) -> str:
        """It in words: "skipped once by alice: already done by hand"."""
        return f"skipped once by {short_name(self.by)}{f': {self.why}' if self.why else ''}"


@dataclass(frozen=True)
class Held:
    """What stands between a flow and its triggers. skip: one to come; used: the skip that was used last."""

    hold: Hold | None = None
    skip: Skip | None = None
    used: Skip | None = None

    @property
    def retired(self) -> bool:
        """Whether the flow is about to be removed."""
        return self.hold is not None and self.hold.retired

    def free_after(self, moment: datetime) -> datetime | None:
        """After when nothing is held back any more, from a moment on; None when a hold has no end."""
        if self.hold is None or not self.hold.holds(moment):
            return moment
        # A run that is due at the very end of a hold is not held.
        return self.hold.until and self.hold.until - _INSTANT

    def told(self, timezone: str, now: datetime) -> list[str]:
        """What of it holds at a moment, in words."""
        lines = [self.hold.told(timezone)] if self.hold and self.hold.holds(now) else []
        return [*lines, f"next start {self.skip.told()}"] if self.skip else lines


def hold(
    table: Any, flow: str, *, by: str, why: str, until: datetime | None = None, now: datetime | None = None
) -> Hold:
    """Put a flow on hold; a hold that is there is replaced.

    until: aware; the first moment at which runs that are due start again. now: default: the clock.
    Raises InvalidParameter without a reason, or when `until` has passed.
    """
    moment = now or datetime.now(UTC)
    if not why.strip():
        raise InvalidParameter("a hold needs a reason: whoever wonders in the night why nothing runs will read it")
    if until is not None and until <= moment:
        raise InvalidParameter(f"until {until.isoformat(timespec='minutes')} has passed; give a moment to come")
    made = Hold(by, _short(why), moment.astimezone(UTC), until.astimezone(UTC) if until else None)
    ends = {"until": made.until.isoformat()} if made.until else {}
    table.put_item(Item={**_key(flow, HOLD), "by": by, "why": made.why, "since": made.since.isoformat(), **ends})
    audit.record(table, by=by, action="hold", flow=flow, details={"why": made.why, **ends}, now=moment)
    return made


def retire(table: Any, flow: str, *, by: str, why: str, now: datetime | None = None) -> Hold:
    """Hold a flow that is about to be removed; a hold that is there is replaced. now: default: the clock."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    made = Hold(by, _short(why), moment, retired=True)
    item = {"by": by, "why": made.why, "since": made.since.isoformat(), "retired": True}
    table.put_item(Item={**_key(flow, HOLD), **item})
    audit.record(table, by=by, action="retire", flow=flow, details={"why": made.why}, now=moment)
    return made


def release(table: Any, flow: str, *, by: str, now: datetime | None = None) -> Hold | None:
    """End the hold or retirement of a flow; gives what was there, None when nothing was, or a hold that had ended."""
    moment = now or datetime.now(UTC)
    answer = table.delete_item(Key=_key(flow, HOLD), ReturnValues="ALL_OLD")
    found = _hold(answer.get("Attributes"))
    if found is None or not found.holds(moment):
        return None
    audit.record(table, by=by, action="release", flow=flow, details={"why": found.why}, now=moment)
    return found


def skip_next(table: Any, flow: str, *, by: str, why: str = "", now: datetime | None = None) -> Skip:
    """Skip the next occurrence of a flow's schedule. A skip that is still to come stays: it is one occurrence."""
    moment = now or datetime.now(UTC)
    made = Skip(by, _short(why), moment.astimezone(UTC))
    try:
        table.update_item(
            Key=_key(flow, SKIP),
            UpdateExpression="SET pending = :pending",
            ConditionExpression="attribute_not_exists(pending)",
            ExpressionAttributeValues={":pending": {"by": by, "why": made.why, "since": made.since.isoformat()}},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        # Used in between: then it is asked for anew.
        return read(table, flow).skip or skip_next(table, flow, by=by, why=why, now=now)
    audit.record(table, by=by, action="skip_next", flow=flow, details={"why": made.why} if why else {}, now=moment)
    return made


def use_skip(table: Any, flow: str, skip: Skip, due: datetime) -> bool:
    """Use a skip for the occurrence due at that moment; False when it is no longer there to be used."""
    used = {"by": skip.by, "why": skip.why, "since": skip.since.isoformat(), "used_for": due.isoformat()}
    try:
        table.update_item(
            Key=_key(flow, SKIP),
            UpdateExpression="SET used = :used REMOVE pending",
            ConditionExpression="pending.since = :since",
            ExpressionAttributeValues={":used": used, ":since": used["since"]},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def read(table: Any, flow: str) -> Held:
    """What stands between a flow and its triggers."""
    return read_all(table, [flow])[flow]


def read_all(table: Any, flows: Iterable[str]) -> dict[str, Held]:
    """The same of several flows, by name."""
    names = sorted(set(flows))
    keys = [(partition(flow), sort) for flow in names for sort in (HOLD, SKIP)]
    items = {(item["pk"], item["sk"]): item for item in batch_get(table, keys, consistent=True)}
    return {flow: held(items.get((partition(flow), HOLD)), items.get((partition(flow), SKIP))) for flow in names}


def held(hold_item: dict[str, Any] | None, skip_item: dict[str, Any] | None) -> Held:
    """What the two items of a flow say."""
    skips = skip_item or {}
    return Held(_hold(hold_item), _skip(skips.get("pending")), _skip(skips.get("used")))


def moment_of(text: str, timezone: str) -> datetime:
    """A moment as an operator writes it: "2026-12-01", "2026-12-01T09:00", or with an offset "...+09:00".

    timezone: IANA name of the zone it is read in when it has no offset; a date is the beginning of that day.
    Raises InvalidParameter.
    """
    try:
        written: datetime = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidParameter(f"{text!r} is not a date or a time; write 2026-12-01 or 2026-12-01T09:00") from None
    return written if written.tzinfo else written.replace(tzinfo=ZoneInfo(timezone))


def partition(flow: str) -> str:
    """The `pk` of the items of a flow."""
    return f"FLOW#{flow}"


def short_name(by: str) -> str:
    """Who, as people say it: of an ARN ("...:assumed-role/Admin/alice") the last part."""
    return by.rpartition("/")[2] or by


def _key(flow: str, sort: str) -> dict[str, str]:
    return {"pk": partition(flow), "sk": sort}


def _hold(item: dict[str, Any] | None) -> Hold | None:
    if not item:
        return None
    until = datetime.fromisoformat(item["until"]) if item.get("until") else None
    return Hold(item["by"], item["why"], datetime.fromisoformat(item["since"]), until, item.get("retired", False))


def _skip(found: dict[str, str] | None) -> Skip | None:
    if not found:
        return None
    used = datetime.fromisoformat(found["used_for"]) if found.get("used_for") else None
    return Skip(found["by"], found.get("why", ""), datetime.fromisoformat(found["since"]), used)


def _short(why: str) -> str:
    return " ".join(why.split())[:_LONGEST_WHY]
