"""Holds and skips: what an operator sets to keep a flow from being started by its triggers.

A hold lasts until it is released or its end comes. A skip takes one occurrence of the schedule out: the first that
would run and was due after the skip was asked for. Neither stops a run that has begun, nor one started by hand or by
another flow. A retirement is the hold of a flow that is about to be removed. A freeze is one hold of all flows, also of
those that are deployed while it lasts, but for a few that it names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.contract.errors import InvalidParameter
from lambdas.store import audit
from lambdas.store.table import batch_get

HOLD, SKIP = "HOLD", "SKIP"

EVERY = audit.EVERY
"""What a freeze holds, where the hold of one flow has its name."""

_INSTANT = timedelta(microseconds=1)
_LONGEST_WHY = 500


@dataclass(frozen=True)
class Hold:
    """A flow is held, or by a freeze all of them.

    since: when it was put on hold. until: when that ends by itself, or None. Both aware, in UTC.
    retired: whether it is held because it is about to be removed. freeze: whether all flows are.
    exempt: the flows that a freeze leaves out.
    """

    by: str
    why: str
    since: datetime
    until: datetime | None = None
    retired: bool = False
    freeze: bool = False
    exempt: tuple[str, ...] = ()

    def holds(self, due: datetime) -> bool:
        """Whether a run that was due at that moment is held."""
        return self.until is None or due < self.until

    def told(self, timezone: str) -> str:
        """It in words, with times of that zone: "held until 2026-12-01 00:00 JST by alice: year-end closing"."""
        until = f" until {self.until.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}" if self.until else ""
        what = "retired" if self.retired else "held with all flows" if self.freeze else "held"
        return f"{what}{until} by {audit.short_name(self.by)}: {self.why}"


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
        return f"skipped once by {audit.short_name(self.by)}{f': {self.why}' if self.why else ''}"


@dataclass(frozen=True)
class Held:
    """What stands between a flow and its triggers.

    hold: its own. skip: one to come; used: the skip that was used last. freeze: the one that it is not left out of.
    """

    hold: Hold | None = None
    skip: Skip | None = None
    used: Skip | None = None
    freeze: Hold | None = None

    @property
    def retired(self) -> bool:
        """Whether the flow is about to be removed."""
        return self.hold is not None and self.hold.retired

    def holding(self, due: datetime) -> Hold | None:
        """What holds a run that is due at that moment: the freeze before the flow's own hold."""
        return next(iter(self._at(due)), None)

    def _at(self, moment: datetime) -> list[Hold]:
        return [hold for hold in (self.freeze, self.hold) if hold is not None and hold.holds(moment)]

    def free_after(self, moment: datetime) -> datetime | None:
        """After when nothing is held back any more, from a moment on; None when a hold has no end."""
        ends = [hold.until for hold in self._at(moment)]
        if not ends:
            return moment
        # A run that is due at the very end of a hold is not held.
        return None if None in ends else max(end for end in ends if end) - _INSTANT

    def told(self, timezone: str, now: datetime) -> list[str]:
        """What of it holds at a moment, in words."""
        lines = [hold.told(timezone) for hold in self._at(now)]
        return [*lines, f"next start {self.skip.told()}"] if self.skip else lines


def hold(
    table: Any, flow: str, *, by: str, why: str, until: datetime | None = None, now: datetime | None = None
) -> Hold:
    """Put a flow on hold; a hold that is there is replaced.

    until: aware; the first moment at which runs that are due start again. now: default: the clock.
    Raises InvalidParameter without a reason, or when `until` has passed.
    """
    made = _made(by, why, until, now)
    table.put_item(Item={**_key(flow, HOLD), **_kept(made)})
    details = {"why": made.why, **_ends(made)}
    audit.record(table, by=by, action="hold", flow=flow, details=details, now=made.since)
    return made


def freeze(
    table: Any,
    *,
    by: str,
    why: str,
    until: datetime | None = None,
    exempt: Iterable[str] = (),
    now: datetime | None = None,
) -> Hold:
    """Put all flows on hold at once, but for those that are exempt; a freeze that is there is replaced.

    until, now: as for `hold`. It is one item and one audit event, whose flow is `EVERY`, and holds what is deployed
    meanwhile, too. Holds of single flows stay. Raises InvalidParameter as `hold` does.
    """
    made = replace(_made(by, why, until, now), freeze=True, exempt=tuple(sorted(set(exempt))))
    table.put_item(Item={**_key(EVERY, HOLD), **_kept(made), "exempt": list(made.exempt)})
    details = {"why": made.why, **_ends(made), **({"except": ", ".join(made.exempt)} if made.exempt else {})}
    audit.record(table, by=by, action="hold", flow=EVERY, details=details, now=made.since)
    return made


def frozen(table: Any, now: datetime | None = None) -> Hold | None:
    """The freeze that holds now, if there is one. now: default: the clock."""
    key = [(partition(EVERY), HOLD)]
    found = _hold(next(iter(batch_get(table, key, consistent=True)), None))
    return found if found and found.holds(now or datetime.now(UTC)) else None


def retire(table: Any, flow: str, *, by: str, why: str, now: datetime | None = None) -> Hold:
    """Hold a flow that is about to be removed; a hold that is there is replaced. now: default: the clock."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    made = Hold(by, _short(why), moment, retired=True)
    table.put_item(Item={**_key(flow, HOLD), **_kept(made), "retired": True})
    audit.record(table, by=by, action="retire", flow=flow, details={"why": made.why}, now=moment)
    return made


def release(table: Any, flow: str, *, by: str, now: datetime | None = None) -> Hold | None:
    """End the hold or retirement of a flow, or with `EVERY` the freeze.

    Gives what was there; None when nothing was, or a hold that had ended.
    """
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


def unskip(table: Any, flow: str, *, by: str, now: datetime | None = None) -> Skip | None:
    """Take back a skip that is still to come; gives it, None when there is none. now: default: the clock."""
    try:
        answer = table.update_item(
            Key=_key(flow, SKIP),
            UpdateExpression="REMOVE pending",
            ConditionExpression="attribute_exists(pending)",
            ReturnValues="ALL_OLD",
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return None
    audit.record(table, by=by, action="unskip", flow=flow, now=now)
    return _skip(answer["Attributes"]["pending"])


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
    if not names:
        return {}
    every = (partition(EVERY), HOLD)
    keys = [every, *((partition(flow), sort) for flow in names for sort in (HOLD, SKIP))]
    items = {(item["pk"], item["sk"]): item for item in batch_get(table, keys, consistent=True)}
    return {
        flow: held(flow, items.get((partition(flow), HOLD)), items.get((partition(flow), SKIP)), items.get(every))
        for flow in names
    }


def held(
    flow: str,
    hold_item: dict[str, Any] | None,
    skip_item: dict[str, Any] | None,
    freeze_item: dict[str, Any] | None = None,
) -> Held:
    """What the two items of a flow say, and that of a freeze."""
    skips = skip_item or {}
    found = _hold(freeze_item)
    freeze = found if found and flow not in found.exempt else None
    return Held(_hold(hold_item), _skip(skips.get("pending")), _skip(skips.get("used")), freeze)


def check(why: str, until: datetime | None, now: datetime) -> None:
    """Raises InvalidParameter for a hold without a reason, or whose end has passed."""
    if not why.strip():
        raise InvalidParameter("a hold needs a reason: whoever wonders in the night why nothing runs will read it")
    if until is not None and until <= now:
        raise InvalidParameter(f"until {until.isoformat(timespec='minutes')} has passed; give a moment to come")


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


def _key(flow: str, sort: str) -> dict[str, str]:
    return {"pk": partition(flow), "sk": sort}


def _hold(item: dict[str, Any] | None) -> Hold | None:
    if not item:
        return None
    until = datetime.fromisoformat(item["until"]) if item.get("until") else None
    return Hold(
        item["by"],
        item["why"],
        datetime.fromisoformat(item["since"]),
        until,
        retired=item.get("retired", False),
        freeze=item["pk"] == partition(EVERY),
        exempt=tuple(item.get("exempt", ())),
    )


def _made(by: str, why: str, until: datetime | None, now: datetime | None) -> Hold:
    moment = now or datetime.now(UTC)
    check(why, until, moment)
    return Hold(by, _short(why), moment.astimezone(UTC), until.astimezone(UTC) if until else None)


def _kept(hold: Hold) -> dict[str, str]:
    return {"by": hold.by, "why": hold.why, "since": hold.since.isoformat(), **_ends(hold)}


def _ends(hold: Hold) -> dict[str, str]:
    return {"until": hold.until.isoformat()} if hold.until else {}


def _skip(found: dict[str, str] | None) -> Skip | None:
    if not found:
        return None
    used = datetime.fromisoformat(found["used_for"]) if found.get("used_for") else None
    return Skip(found["by"], found.get("why", ""), datetime.fromisoformat(found["since"]), used)


def _short(why: str) -> str:
    return " ".join(why.split())[:_LONGEST_WHY]
