"""`nightshift list`: flows, what starts them, when next, and what stands in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from lambdas.gate import holds
from lambdas.gate.holds import Held, Hold, Skip
from nightshift.cli.flows import all_flows
from nightshift.cli.output import print_json, print_table
from nightshift.cli.target import NoTable, table
from nightshift.model import CompiledFlow

_CLOCK = "%Y-%m-%d %H:%M %Z"


def list_flows(
    folder: Path, count: int, as_json: bool, now: datetime, target: str | None = None, *, retired: bool = False
) -> None:
    """Print the flows of a folder with their triggers, the next `count` fire times after `now`, and what holds them.

    target: where holds are looked up; None for the local AWS of this folder, if it is up.
    retired: whether the flows that are retired are shown, too.
    """
    flows = all_flows(folder)
    standing = held(target, [flow.name for flow in flows])
    hidden = [] if retired else [flow.name for flow in flows if standing.get(flow.name, Held()).retired]
    flows = [flow for flow in flows if flow.name not in hidden]
    if as_json:
        found = [(flow, standing.get(flow.name, Held())) for flow in flows]
        print_json([flow_as_json(flow, count, now, its) | {"held": held_as_json(its)} for flow, its in found])
        return
    rows = []
    for flow in flows:
        times: Sequence[datetime | None] = next_times(flow, count, now) or [None]
        told = "; ".join(standing.get(flow.name, Held()).told(zone(flow), now))
        states = start_states(times, standing.get(flow.name, Held()))
        for index, time in enumerate(times):
            name, by, why = (called(flow), started_by(flow), told) if index == 0 else ("", "", "")
            state = f" ({states[index]})" if states[index] else ""
            rows.append((name, by, f"{_local(time)}{state}", _utc(time), why))
    headings = ("flow", "started by", "next", "next in UTC", "held")
    shown = len(headings) if any(row[-1] for row in rows) else len(headings) - 1
    print_table(headings[:shown], [row[:shown] for row in rows])
    if hidden:
        print(f"Retired, and shown with --all: {', '.join(hidden)}")


def start_states(times: Sequence[datetime | None], standing: Held) -> list[str]:
    """What becomes of each of the next starts of a schedule: "held", "skipped", or "" for one that will run."""
    states = []
    skip = standing.skip
    for time in times:
        if time is not None and standing.holding(time):
            states.append("held")
        elif time is not None and skip and time >= skip.since:
            states.append("skipped")
            skip = None
        else:
            states.append("")
    return states


def next_times(flow: CompiledFlow, count: int, now: datetime) -> list[datetime]:
    """The next times the flow's schedule fires, in its zone; none without a schedule."""
    schedule = flow.options.schedule
    return list(islice(schedule.fire_times(now), count)) if schedule else []


def called(flow: CompiledFlow) -> str:
    """The name of a flow, with its title behind it where it has one."""
    title = flow.options.operating.title
    return f"{flow.name} ({title})" if title else flow.name


def started_by(flow: CompiledFlow) -> str:
    """What starts a flow, in words; it can always be started by hand."""
    words = []
    if flow.options.schedule:
        words.append(flow.options.schedule.words)
    if flow.options.on_alarm:
        words.append(flow.options.on_alarm.words)
    return ", ".join(words) or "hand"


def shown_time(time: datetime) -> str:
    """A fire time in its own zone and in UTC."""
    return f"{_local(time)} ({_utc(time)})"


def _local(time: datetime | None) -> str:
    return time.strftime(_CLOCK) if time else "-"


def _utc(time: datetime | None) -> str:
    return time.astimezone(UTC).strftime(_CLOCK) if time else "-"


def flow_as_json(flow: CompiledFlow, count: int, now: datetime, standing: Held) -> dict[str, Any]:
    """What a flow is, for other programs, with its next `count` starts. standing: what holds or skips them."""
    options = flow.options
    times = next_times(flow, count, now)
    schedule = options.schedule and {
        "expressions": options.schedule.expressions,
        "timezone": options.schedule.timezone,
        "days": options.schedule.days and options.schedule.days.words,
        "next": [
            {"local": time.isoformat(), "utc": time.astimezone(UTC).isoformat(), **({"state": state} if state else {})}
            for time, state in zip(times, start_states(times, standing), strict=True)
        ],
    }
    return {
        "flow": flow.name,
        "file": str(flow.file),
        "line": flow.line,
        "title": flow.options.operating.title,
        "title_ja": flow.options.operating.title_ja,
        "description": flow.doc,
        "started_by": started_by(flow),
        "schedule": schedule,
        "on_alarm": options.on_alarm and _alarm(options.on_alarm),
        "timeout": options.timeout,
        "parameters": [
            {"name": p.name, "type": p.type, "required": p.required, "default": p.default} for p in flow.parameters
        ],
        "presets": [
            {"title": title, **vars(preset), "parameters": dict(preset.parameters)}
            for title, preset in options.operating.presets.items()
        ],
        "parts": flow.parts,
        "flows": flow.flows,
    }


def _alarm(alarm: Any) -> dict[str, Any]:
    return {name: dict(v) if name in ("dimensions", "parameters") else v for name, v in vars(alarm).items()}


def held(target: str | None, flows: Iterable[str]) -> dict[str, Held]:
    """What stands between flows and their triggers on the target.

    target: None for the local AWS of this folder if it is up and the app deployed to it, else nothing is held.
    """
    if target is not None:
        return holds.read_all(table(target), flows)
    from nightshift.local import status

    local = status(Path.cwd())
    if local is None or local.dead:
        return {}
    try:
        return holds.read_all(table("local"), flows)
    except NoTable:
        return {}


def zone(flow: CompiledFlow) -> str:
    """The time zone of a flow: that of its schedule."""
    return flow.options.schedule.timezone if flow.options.schedule else "UTC"


def held_as_json(standing: Held) -> dict[str, Any]:
    """What stands between a flow and its triggers, for other programs."""
    return {
        "hold": standing.hold and plain(standing.hold),
        "skip_next": standing.skip and {name: v for name, v in plain(standing.skip).items() if v is not None},
    }


def plain(record: Hold | Skip) -> dict[str, Any]:
    """A hold or a skip as JSON has it, with times in ISO 8601."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(record).items()}
