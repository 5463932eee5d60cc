"""Reads policies of Cloud Custodian: the times of offhour and onhour, tags, ages and actions.

Source: "Resource Scheduling Offhours", "AWS Reference" (Cloud Custodian documentation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nightshift.importing.documents import Entry, ImportProblem, load_document

DEFAULT_TAG = "maid_offhours"
DEFAULT_HOURS = {"offhour": 19, "onhour": 7}

_AMERICA = {"p": "Los_Angeles", "e": "New_York", "c": "Chicago", "m": "Denver"}
ZONES = {f"{c}{s}": f"America/{city}" for c, city in _AMERICA.items() for s in ("t", "st", "dt")} | {
    "ast": "America/Phoenix",
    "at": "America/Phoenix",
    "gmt": "Etc/GMT",
    "gt": "Etc/GMT",
    "bst": "Europe/London",
    "ist": "Europe/Dublin",
    "cet": "Europe/Berlin",
    "it": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "aet": "Australia/Sydney",
    "brt": "America/Sao_Paulo",
    "utc": "UTC",
    "Etc/UTC": "UTC",
}
"""The names that Custodian has for time zones."""


_HOURS_LEFT_OUT = ("skip-days-from", "fallback-schedule", "fallback_schedule")


@dataclass(frozen=True)
class Hours:
    """An offhour or onhour filter. days: of the week, Monday is 0. opt_out: also resources without the tag."""

    kind: str
    hour: int
    days: frozenset[int]
    zone: str
    tag: str
    opt_out: bool
    skip_days: tuple[str, ...]


@dataclass
class Policy:
    """A policy. others: filters and actions that were not understood, each with its line and in words."""

    name: str
    entry: Entry
    resource: str
    hours: Hours | None = None
    tags: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    older_than: int | None = None
    actions: dict[str, Entry | None] = field(default_factory=dict)
    others: list[tuple[int, str]] = field(default_factory=list)

    @property
    def schedule(self) -> str | None:
        """The expression of its mode, "rate(1 day)" or "cron(...)"."""
        mode = self.entry.get("mode")
        return mode.get("schedule") if isinstance(mode, Entry) else None


def read(path: Path) -> list[Policy]:
    """The policies of a file. Raises ImportProblem, OSError."""
    (document, *_) = load_document(path)
    policies = document.get("policies") if isinstance(document, Entry) else None
    if not isinstance(policies, list) or not policies:
        raise ImportProblem(path, 1, "no policy is in it", "Write them in a list below policies:")
    for policy in policies:
        if not isinstance(policy, Entry):
            raise ImportProblem(
                path, document.lines["policies"], f"{policy!r} is no policy", "Write name: and resource:"
            )
    return [_policy(entry) for entry in policies]


def _policy(entry: Entry) -> Policy:
    for key in ("name", "resource"):
        if not isinstance(entry.get(key), str):
            raise entry.problem(key, f"the policy has no {key}", f"Write {key}: ...")
    policy = Policy(entry["name"], entry, entry["resource"].removeprefix("aws."))
    for item in _listed(entry, "filters"):
        _filter(policy, item)
    for item in _listed(entry, "actions"):
        kind = item.get("type") if isinstance(item, Entry) else item
        policy.actions[str(kind)] = item if isinstance(item, Entry) else None
    return policy


def _listed(entry: Entry, key: str) -> Iterable[Any]:
    value = entry.get(key) or []
    if not isinstance(value, list):
        raise entry.problem(key, f"{key} is no list", f"Begin each of the {key} with a dash.")
    return value


def _filter(policy: Policy, item: Any) -> None:
    if isinstance(item, str) and item in DEFAULT_HOURS:
        policy.hours = _hours(policy.entry, item, Entry(policy.entry.path, policy.entry.line))
        return
    if not isinstance(item, Entry):
        policy.others.append((policy.entry.lines.get("filters", policy.entry.line), f"the filter {item!r}"))
        return
    kind = item.get("type")
    if kind in DEFAULT_HOURS:
        policy.hours = _hours(item, str(kind), item)
        policy.others += [(line, key) for key, line in item.lines.items() if key in _HOURS_LEFT_OUT]
    elif kind in ("age", "image-age", "instance-age"):
        policy.older_than = _age(policy, item)
    elif kind == "value" and str(item.get("key", "")).startswith("tag:"):
        _tag(policy, item, str(item["key"]), item.get("value"), str(item.get("op", "eq")))
    elif kind is None and len(item) == 1 and next(iter(item)).startswith("tag:"):
        ((key, value),) = item.items()
        _tag(policy, item, key, value, "eq")
    elif item in ({"State.Name": "running"}, {"State.Name": "stopped"}, {"DBInstanceStatus": "available"}):
        # The parts act on instances in these states only.
        return
    else:
        policy.others.append((item.line, f"the filter {kind or ', '.join(item)}"))


def _tag(policy: Policy, item: Entry, key: str, value: Any, op: str) -> None:
    name = key.removeprefix("tag:")
    if op in ("eq", "equal", "glob") and value in ("present", "not-null"):
        policy.tags.append(name)
    elif op in ("eq", "equal") and value in ("absent", "empty", None):
        policy.exclude.append(name)
    elif op in ("eq", "equal", "glob") and isinstance(value, str | int):
        policy.tags.append(f"{name}={str(value).lower() if isinstance(value, bool) else value}")
    elif op in ("ne", "not-equal") and isinstance(value, str):
        policy.exclude.append(f"{name}={value}")
    else:
        policy.others.append((item.line, f"the condition on the tag {name}"))


def _age(policy: Policy, item: Entry) -> int | None:
    days = item.get("days", 60 if item["type"] == "instance-age" else 0)
    if not isinstance(days, int | float) or days <= 0:
        raise item.problem("days", f"days is {days!r}", "Write how many days old, such as 30.")
    if item.get("op", "ge") not in ("ge", "gte", "gt", "greater-than") or int(days) != days:
        policy.others.append((item.line, "the age, unless it is so many whole days and more"))
        return None
    return int(days)


def _hours(at: Entry, kind: str, item: Entry) -> Hours:
    hour = item.get(kind, DEFAULT_HOURS[kind])
    if not isinstance(hour, int) or isinstance(hour, bool) or not 0 <= hour <= 23:
        raise at.problem(kind, f"{kind} is {hour!r}", "Write an hour, 0 to 23.")
    given = str(item.get("default_tz", "et"))
    try:
        zone = ZoneInfo(ZONES.get(given, given)).key
    except (ValueError, OSError, KeyError):
        message = f"default_tz is {given!r}, which is no time zone"
        raise at.problem("default_tz", message, 'Write an IANA name, such as "Europe/Berlin".') from None
    days = range(7)
    if item.get("weekends-only"):
        days = range(4, 5) if kind == "offhour" else range(1)
    elif item.get("weekends", True):
        days = range(5)
    skipped = item.get("skip-days") or []
    if not isinstance(skipped, list):
        raise at.problem("skip-days", f"skip-days is {skipped!r}", 'Write a list: ["2026-12-25"].')
    tag = str(item.get("tag", DEFAULT_TAG))
    return Hours(kind, hour, frozenset(days), zone, tag, bool(item.get("opt-out")), tuple(map(str, skipped)))
