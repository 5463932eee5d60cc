"""Reads a configuration of Instance Scheduler on AWS, in each form in which it can be had.

Source: "Schedules", "Periods", "Scheduler CLI" and "Manage schedules using Infrastructure as Code (IaC)" (Instance
Scheduler on AWS, Implementation Guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nightshift.importing.documents import Entry, ImportProblem, load_document
from nightshift.importing.matching import DaySet, month_days_of, months_of, week_days_of

CUSTOM_RESOURCE = "Custom::ServiceInstanceSchedule"
_TYPED = {"S", "N", "SS", "NS", "BOOL", "L", "NULL"}


@dataclass(frozen=True)
class Period:
    """Hours in which instances run, on some days; None for a time that is not given."""

    name: str
    begins: time | None
    ends: time | None
    days: DaySet
    instance_type: str | None = None


@dataclass(frozen=True)
class Scheduled:
    """A schedule with its periods. entry: where it stands; values: its fields by their names in the table."""

    name: str
    entry: Entry
    values: dict[str, Any]
    periods: tuple[Period, ...]
    zone: str | None

    def on(self, key: str) -> bool:
        """Whether a switch is on."""
        return truth(self.entry, key, self.values.get(key))


@dataclass
class Config:
    """A whole configuration. tag_key, zone, services: of the item "config", which older versions have."""

    schedules: list[Scheduled] = field(default_factory=list)
    tag_key: str | None = None
    zone: str | None = None
    services: list[str] = field(default_factory=list)


def read(paths: Iterable[Path]) -> Config:
    """The configuration that one or several files hold together. Raises ImportProblem, OSError."""
    files = list(paths)
    periods: dict[str, Entry] = {}
    schedules: list[Entry] = []
    config = Config()
    for entry, kind in (found for path in files for found in _items(path)):
        if kind == "period":
            periods[_name(entry)] = entry
        elif kind == "schedule":
            schedules.append(entry)
        else:
            values = _values(entry)
            config.tag_key = values.get("tagname") or config.tag_key
            config.zone = _zone(entry, "default_timezone", values.get("default_timezone")) or config.zone
            config.services = _listed(values.get("scheduled_services")) or config.services
    config.schedules = [_scheduled(entry, periods) for entry in schedules]
    if not config.schedules:
        raise ImportProblem(
            files[0], 1, "no schedule is in it", "Give the table as `aws dynamodb scan` prints it, or a template."
        )
    return config


def truth(entry: Entry, key: str, value: Any) -> bool:
    """A switch, as table and templates write it. Raises ImportProblem."""
    said = str(value).strip().lower()
    if value in (None, "") or said in ("false", "no", "off", "0"):
        return False
    if said in ("true", "yes", "on", "1"):
        return True
    raise entry.problem(key, f"{key} is {value!r}", "Write true or false.")


def _items(path: Path) -> Iterator[tuple[Entry, str]]:
    """The items of a file, each with its kind: "schedule", "period" or "config"."""
    for document in load_document(path):
        yield from _of_document(path, document)


def _of_document(path: Path, document: Any) -> Iterator[tuple[Entry, str]]:
    if isinstance(document, list):
        for item in document:
            yield from _of_document(path, item)
        return
    if not isinstance(document, Entry):
        raise ImportProblem(path, 1, "this is no configuration", "Give JSON or YAML with schedules and periods.")
    if "Resources" in document:
        yield from _of_template(document)
    elif isinstance(document.get("Items"), list):
        yield from _of_document(path, document["Items"])
    elif isinstance(document.get("Item"), Entry):
        yield from _of_document(path, document["Item"])
    elif kind := _kind(document):
        yield document, kind
    else:
        # The Scheduler CLI: describe-schedules, describe-periods.
        keys = {key: kind for key in document for kind in ("schedule", "period") if key.lower() in (kind, f"{kind}s")}
        if not keys:
            hint = "Give the table as `aws dynamodb scan` prints it, the output of scheduler-cli, or a template."
            raise document.problem(None, "there is no schedule and no period", hint)
        for key, kind in keys.items():
            found = document[key] if isinstance(document[key], list) else [document[key]]
            yield from ((item, kind) for item in found if isinstance(item, Entry))


def _kind(entry: Entry) -> str | None:
    kind = _plain(next((entry[k] for k in entry if k.lower() == "type"), None))
    return kind if kind in ("schedule", "period", "config") else None


def _of_template(template: Entry) -> Iterator[tuple[Entry, str]]:
    for name, resource in template["Resources"].items():
        if not isinstance(resource, Entry) or resource.get("Type") != CUSTOM_RESOURCE:
            continue
        properties = resource.get("Properties")
        if not isinstance(properties, Entry):
            raise resource.problem("Properties", f"{name} has no properties", "Add its Periods.")
        properties.setdefault("Name", name)
        yield properties, "schedule"


def _values(entry: Entry) -> dict[str, Any]:
    """The fields of an item by their names in the table; those of a template are written in Pascal case."""
    snake = {key: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower() for key in entry}
    same = {"begin_time": "begintime", "end_time": "endtime", "week_days": "weekdays", "month_days": "monthdays"}
    named = {key: same.get(name, name) for key, name in snake.items()}
    entry.lines |= {named[key]: line for key, line in entry.lines.items() if key in named}
    return {named[key]: _plain(value) for key, value in entry.items()}


def _plain(value: Any) -> Any:
    """A value without the types that DynamoDB writes around it."""
    if isinstance(value, Entry) and len(value) == 1 and next(iter(value)) in _TYPED:
        ((kind, inner),) = value.items()
        return None if kind == "NULL" else [_plain(item) for item in inner] if kind == "L" else inner
    return value


def _name(entry: Entry) -> str:
    name = _values(entry).get("name")
    if not isinstance(name, str | int) or str(name) == "":
        raise entry.problem(None, "it has no name", "Write the name that the tag of the instances says.")
    return str(name)


def _listed(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    items = value if isinstance(value, list) else [value]
    return [part.strip() for item in items for part in str(item).split(",")]


def _scheduled(entry: Entry, periods: dict[str, Entry]) -> Scheduled:
    values = _values(entry)
    name = _name(entry)
    override = values.get("override_status", values.get("overwrite"))
    if override not in (None, "", "running", "stopped"):
        raise entry.problem("override_status", f"override_status is {override!r}", "Write running or stopped.")
    given = values.get("periods")
    if isinstance(given, list) and any(isinstance(item, Entry) for item in given):
        found = [_period(item, item.get("InstanceType")) for item in given]
    else:
        found = [_named_period(entry, text, periods) for text in _listed(given)]
    if not found and not override:
        raise entry.problem("periods", f"the schedule {name!r} has no periods", "Name at least one period.")
    values["override_status"] = override or None
    return Scheduled(name, entry, values, tuple(found), _zone(entry, "timezone", values.get("timezone")))


def _named_period(entry: Entry, text: str, periods: dict[str, Entry]) -> Period:
    """A period as a schedule names it: "office" or "office@m5.large"."""
    name, _, instance_type = text.partition("@")
    if name not in periods:
        known = ", ".join(sorted(periods)) or "none is in the files"
        hint = f"Periods are: {known}. Give the file that has it, too."
        raise entry.problem("periods", f"there is no period {name!r}", hint)
    return _period(periods[name], instance_type or None)


def _period(entry: Entry, instance_type: str | None) -> Period:
    values = _values(entry)
    begins, ends = (_clock(entry, key, values.get(key)) for key in ("begintime", "endtime"))
    if begins and ends and begins > ends:
        message = f"begintime {begins:%H:%M} is later than endtime {ends:%H:%M}"
        raise entry.problem("begintime", message, "Write two periods: one to 23:59, one from 00:00 of the next day.")
    try:
        days = DaySet(
            week_days_of(_listed(values.get("weekdays"))),
            months_of(_listed(values.get("months"))),
            month_days_of(_listed(values.get("monthdays"))),
        )
    except ValueError as wrong:
        key, message, hint = wrong.args
        raise entry.problem(key, message, hint) from None
    name = str(values.get("name") or values.get("description") or "")
    return Period(name, begins, ends, days, instance_type)


def _clock(entry: Entry, key: str, value: Any) -> time | None:
    if value in (None, ""):
        return None
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(value).strip())
    if not match:
        raise entry.problem(key, f"{key} is {value!r}", 'Write a time of day, such as "09:00".')
    return time(int(match[1]), int(match[2]))


def _zone(entry: Entry, key: str, value: Any) -> str | None:
    if value in (None, ""):
        return None
    try:
        return ZoneInfo(str(value)).key
    except (ValueError, OSError, KeyError):
        hint = 'Write an IANA name, such as "Europe/Berlin".'
        raise entry.problem(key, f"{key} is {value!r}, which is no time zone", hint) from None
