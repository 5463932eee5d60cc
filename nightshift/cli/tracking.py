"""`nightshift runs` and `nightshift report`: the runs that were recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.gate.holds import short_name
from lambdas.tracker import observation, queries
from lambdas.tracker.record import STATES, Record
from lambdas.tracker.steps import diagnoses
from nightshift.cli.output import duration, print_json, print_table
from nightshift.cli.report import Report, print_report
from nightshift.cli.report import as_json as report_as_json
from nightshift.cli.target import PREFIX, client, table

_HEADINGS = ("run", "state", "started", "took", "started by", "changed", "failed", "")
_AGO = re.compile(r"(\d+)(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RUN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)/([A-Za-z0-9_.-]{1,80})")


class NoSuchRun(NightshiftError):
    """There is no record of the run that is asked for."""


@dataclass(frozen=True)
class Period:
    """From `since` on and before `until`; None is open."""

    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, since: str | None, until: str | None, now: datetime) -> Period:
        """As they are written on the command line: "2026-11-24", "2026-11-24T22:00", "12h" or "7d" ago.

        Raises InvalidParameter.
        """
        return cls(_moment("--since", since, now), _moment("--until", until, now))


def list_runs(target: str, flow: str | None, state: str | None, period: Period, *, limit: int, as_json: bool) -> None:
    """Print the newest runs, of one flow or all, in a state or any. Raises InvalidParameter for an unknown state."""
    found = _runs(table(target), flow, _state(state), period, limit)
    if as_json:
        print_json([_as_json(run) for run in found])
    elif found:
        print_table(
            ("run", "state", "started", "took", "started by", "changed", "failed", ""), [_row(r) for r in found]
        )
    else:
        print(
            "No runs were recorded" + (" that are like that" if flow or state or period != Period(None, None) else "")
        )


def report_run(target: str, run: str, *, as_json: bool) -> None:
    """Print what a run did. run: "flow/name" or the ARN of an execution. Raises InvalidParameter, NoSuchRun."""
    flow, name = _run(run)
    found = queries.run(table(target), flow, name)
    if found is None:
        raise NoSuchRun(f"there is no record of {flow}/{name}; `nightshift runs {flow}` lists the runs of the flow")
    report = _report(target, found)
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report)


def started_by(trigger: dict[str, Any]) -> str:
    """What started a run, in words."""
    match trigger["type"]:
        case "schedule":
            return f"schedule, due {trigger['scheduled_time']}" if "scheduled_time" in trigger else "schedule"
        case "alarm":
            return f"alarm {trigger.get('alarm', '')}".rstrip()
        case "flow":
            return f"flow {trigger.get('flow', '')}".rstrip()
        case "manual":
            return short_name(trigger["by"]) if "by" in trigger else "hand"
    return "unknown"


def _runs(table: Any, flow: str | None, state: str | None, period: Period, limit: int) -> list[Record]:
    found: list[Record] = []
    cursor: str | None = None
    while len(found) < limit:
        page, cursor = queries.runs(
            table,
            [flow] if flow else None,
            state=state,
            since=period.since,
            until=period.until,
            cursor=cursor,
            limit=min(queries.MOST, limit - len(found)),
        )
        found += page
        if cursor is None:
            break
    return found


def _report(target: str, found: queries.RunDetail) -> Report:
    record = found.record
    if record.has_ended:
        steps, output, cause, failures = (found.detail.get(n) for n in ("steps", "output", "cause", "failures"))
    else:
        steps = observation.steps_so_far(client(target, "stepfunctions"), record)
        output = cause = failures = None
    return Report(
        record.flow,
        record.execution,
        record.state,
        record.dry_run,
        record.started,
        record.ended,
        record.error,
        cause or "",
        output,
        steps or [],
        diagnoses(failures),
        by=started_by(dict(record.trigger)),
        skipped=record.skipped,
    )


def _row(run: Record) -> tuple[str, ...]:
    said = run.skipped or run.error or ("dry run" if run.dry_run else "")
    took = duration(run.duration.total_seconds()) if run.duration is not None else "-"
    started = run.started.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    counts = (str(run.counts.changed), str(run.counts.failed)) if run.has_ended else ("-", "-")
    return (run.id, run.state, started, took, started_by(dict(run.trigger)), *counts, said)


def _as_json(run: Record) -> dict[str, Any]:
    return {
        "run": run.id,
        "execution_arn": run.execution,
        "state": run.state,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "seconds": run.duration.total_seconds() if run.duration is not None else None,
        "trigger": dict(run.trigger),
        "dry_run": run.dry_run,
        "counts": vars(run.counts),
        "error": run.error or None,
        "skipped": run.skipped or None,
        "redrives": run.redrives,
    }


def _run(text: str) -> tuple[str, str]:
    """Flow and name of a run."""
    if text.startswith("arn:") and text.count(":") >= 7:
        flow = observation.flow_of(text, PREFIX)
        text = f"{flow}/{text.rpartition(':')[2]}" if flow else text
    match = _RUN.fullmatch(text)
    if not match:
        raise InvalidParameter(
            f"{text} is no run; write FLOW/NAME as `nightshift runs` shows it, or an execution's ARN"
        )
    return match[1], match[2]


def _state(text: str | None) -> str | None:
    if text is None:
        return None
    state = text.upper().replace("-", "_")
    if state not in STATES:
        raise InvalidParameter(f"--state {text} is not a state; write one of {', '.join(STATES).lower()}")
    return state


def _moment(option: str, text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        # Without an offset it is the local time of this machine.
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise InvalidParameter(f"{option} {text} is no time; write 2026-11-24, 2026-11-24T22:00, 12h or 7d") from None
