"""`nightshift runs` and `nightshift report`: the runs that were recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.runs.app_names import AppNames
from lambdas.runs.names import Names
from lambdas.store.audit import short_name
from lambdas.tracker import observation, queries, touched
from lambdas.tracker.record import STATES, Record
from lambdas.tracker.search import Order, Wanted, search
from lambdas.tracker.steps import diagnoses
from nightshift.cli.output import duration, print_csv, print_json, print_table
from nightshift.cli.report import Report, print_report
from nightshift.cli.report import as_json as report_as_json
from nightshift.cli.target import app_names, client, table
from nightshift.runs import state_machine_arn

Form = Literal["text", "json", "csv"]

_HEADINGS = ("run", "state", "started", "took", "started by", "changed", "failed", "")
_PLAIN = ("run", "state", "started", "ended", "seconds", "dry_run", "error", "skipped", "redrives", "execution_arn")
_CSV = (*_PLAIN, "started_by", "matched", "changed", "left_alone", "failed")
_ACCOUNT = re.compile(r"\d{12}")
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


@dataclass(frozen=True)
class Search:
    """Which runs are asked for on the command line; None leaves it open.

    state: in any case of letters. resource: text in the id of what they touched. order: as `search.Order`.
    """

    flow: str | None
    state: str | None
    period: Period
    trigger: str | None = None
    by: str | None = None
    resource: str | None = None
    account: str | None = None
    order: Order = "newest"

    @property
    def open(self) -> bool:
        """Whether every run is wanted."""
        return self == Search(None, None, Period(None, None), order=self.order)


def list_runs(target: str, asked: Search, *, limit: int, form: Form) -> None:
    """Print runs: the newest, unless another order is asked for.

    Raises InvalidParameter for an unknown state, or a text that too many resources match; NotDeployed for a flow that
    has no runs because there is no such flow.
    """
    found = _runs(table(target), asked, limit)
    if form == "json":
        print_json([_as_json(run) for run in found])
    elif form == "csv":
        print_csv(_CSV, [_csv_row(run) for run in found])
    elif found:
        print_table(_HEADINGS, [_row(run) for run in found])
    else:
        print("No runs were recorded" + ("" if asked.open else " that are like that"))
    if asked.flow and not found:
        # Its runs outlast a flow; one that has neither runs nor a state machine is misspelled.
        state_machine_arn(client(target, "stepfunctions"), asked.flow, app_names(target))


def report_run(target: str, run: str, *, as_json: bool) -> None:
    """Print what a run did. run: "flow/name" or the ARN of an execution. Raises InvalidParameter, NoSuchRun."""
    flow, name = run_named(run, app_names(target))
    found = queries.run(table(target), flow, name)
    if found is None:
        raise NoSuchRun(f"there is no record of {flow}/{name}; `nightshift runs {flow}` lists the runs of the flow")
    report = _report(target, found)
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report, Names(client(target, "ec2")).beside, app_names(target))


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


def _runs(table: Any, asked: Search, limit: int) -> list[Record]:
    wanted = Wanted(
        flows=[asked.flow] if asked.flow else None,
        state=_state(asked.state),
        since=asked.period.since,
        until=asked.period.until,
        trigger=asked.trigger,
        by=asked.by,
        ids=_ids(table, asked),
        account=asked.account,
    )
    found: list[Record] = []
    cursor: str | None = None
    while len(found) < limit:
        at_most = min(queries.MOST, limit - len(found))
        page, cursor = search(table, wanted, order=asked.order, cursor=cursor, limit=at_most)
        found += page
        if cursor is None or asked.order not in ("newest", "oldest"):
            break
    return found


def _ids(table: Any, asked: Search) -> list[str] | None:
    """The resources and accounts that are meant. Raises InvalidParameter."""
    if asked.account is not None and not _ACCOUNT.fullmatch(asked.account):
        raise InvalidParameter(f"--account {asked.account} is no account; write its 12 digits")
    if asked.resource is None:
        return [asked.account] if asked.account is not None else None
    found = touched.matching(table, asked.resource)
    if len(found) > touched.MOST_MATCHING:
        raise InvalidParameter(
            f"--resource {asked.resource} is in more than {touched.MOST_MATCHING} ids ({', '.join(found[:3])}, ...); "
            "write more of it"
        )
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
        record.duration,
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


def _csv_row(run: Record) -> list[Any]:
    """A run as a row of CSV: `_as_json`, with its nested values side by side."""
    told = _as_json(run)
    by = started_by(dict(run.trigger))
    return [*(told[name] for name in _PLAIN), by, *vars(run.counts).values()]


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


def run_named(text: str, names: AppNames) -> tuple[str, str]:
    """Flow and name of a run, from "flow/name" or the ARN of its execution.

    names: of the app. Raises InvalidParameter.
    """
    if text.startswith("arn:") and text.count(":") >= 7:
        flow = names.flow_of(text)
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
