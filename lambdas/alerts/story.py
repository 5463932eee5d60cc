"""What people are told of a run that needs them: what happened, to which resources, why, and what to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from lambdas.contract.causes import Diagnosis
from lambdas.contract.hints import advice
from lambdas.contract.places import console_url
from lambdas.contract.waits import spoken
from lambdas.runs.catalogue import FlowEntry
from lambdas.store.audit import short_name
from lambdas.tracker.record import ABORTED, SKIPPED, TIMED_OUT, Record
from lambdas.tracker.steps import diagnoses

_VERBS = {SKIPPED: "was skipped", TIMED_OUT: "timed out", ABORTED: "was stopped from outside"}
_LONGEST_WHY = 2000


@dataclass(frozen=True)
class Story:
    """What is told.

    id: what it is about, as `nightshift open` calls it ("backup/night"). event: what happened, as a word for machines
    ("run.failed"). state: of a run. happened, why, todo: sentences. headline: of them the shortest. resources: those
    that made a run fail. failed: how many there were. link: its page, or "". report: a command that says more.
    related: ARNs of what it is about. facts: more for machines. open: whether it is open until it is acknowledged.
    """

    id: str
    event: str
    flow: str
    state: str
    headline: str
    happened: str
    why: str
    todo: str
    resources: tuple[Diagnosis, ...] = ()
    failed: int = 0
    link: str = ""
    report: str = ""
    related: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    open: bool = True


def story_of(record: Record, detail: Mapping[str, Any], entry: FlowEntry | None) -> Story:
    """The story of a run that ended. detail: what is kept beside its record. entry: its flow, None when it is gone."""
    title = entry.shown_title if entry else record.flow
    zone = entry.timezone if entry else "UTC"
    verb = _VERBS.get(record.state, "failed")
    resources = diagnoses(detail.get("failures"))
    step = _failed_step(detail)
    at_step = f', in the step "{step}"' if step else ""
    return Story(
        id=record.id,
        event=f"run.{record.state.lower().replace('_', '-')}",
        flow=record.flow,
        state=record.state,
        headline=f"{title} {verb}{_extent(record, resources)}",
        happened=f"{called(title, record.flow)} {verb}{_when(record, zone)}{at_step}. {_begun(record, zone)}.",
        why=_why(record, detail),
        todo=_todo(record, resources),
        resources=resources,
        failed=max(record.counts.failed, len(resources)),
        link=run_page(record) or console_url(record.execution),
        report=f"nightshift report {record.id}",
        related=(record.execution,),
        facts={"error": record.error, "step": step, **_times(record)},
        open=record.trigger["type"] != "flow",
    )


def _times(record: Record) -> dict[str, str]:
    ended = record.ended.isoformat() if record.ended else ""
    return {"started": record.started.isoformat(), "ended": ended, "trigger": str(record.trigger["type"])}


def run_page(record: Record) -> str:
    """The run's page in the dashboard; "" without a dashboard."""
    return dashboard_page(f"runs/{quote(record.flow)}/{quote(record.name, safe='')}")


def dashboard_page(path: str) -> str:
    """A page of the dashboard, whose address is in NIGHTSHIFT_DASHBOARD; "" without a dashboard."""
    dashboard = os.environ.get("NIGHTSHIFT_DASHBOARD", "")
    return f"{dashboard.rstrip('/')}/#/{path}" if dashboard else ""


def local_time(moment: datetime, zone: str) -> str:
    """A moment on the clock of a zone: "2026-11-24 22:03:11 Asia/Tokyo"."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} {zone}"


def called(title: str, flow: str) -> str:
    """What people call a flow, and its name if that is another."""
    return title if title == flow else f"{title} ({flow})"


def _extent(record: Record, resources: tuple[Diagnosis, ...]) -> str:
    """Of how many resources how many failed."""
    failed = max(record.counts.failed, len(resources))
    if not failed:
        return f": {record.error}" if record.error and record.state != TIMED_OUT else ""
    shown = ", ".join(resource.id for resource in resources[:2]) + (", ..." if failed > 2 else "")
    return f": {failed} of {max(record.counts.matched, failed)} resources ({shown})"


def _when(record: Record, zone: str) -> str:
    if record.ended is None:
        return ""
    after = (
        ""
        if record.state == SKIPPED
        else f", {spoken((record.ended - record.started).total_seconds())} after its start"
    )
    return f" at {local_time(record.ended, zone)}{after}"


def _begun(record: Record, zone: str) -> str:
    trigger = record.trigger
    match trigger["type"]:
        case "schedule":
            due = trigger.get("scheduled_time")
            moment = f", due at {local_time(datetime.fromisoformat(due), zone)}" if due else ""
            return f"Its schedule had started it{moment}"
        case "alarm":
            return f"The alarm {trigger.get('alarm', '')} had started it".replace("alarm  had", "alarm had")
        case "flow":
            return f"The flow {trigger.get('flow', '')} had called it"
        case "manual":
            return f"{short_name(trigger['by'])} had started it" if "by" in trigger else "It was started by hand"
    return "What started it is not known"


def _failed_step(detail: Mapping[str, Any]) -> str:
    """The step that failed last and was not handled; the cause is most often there."""
    failed = [step["label"] for step in detail.get("steps", ()) if step["state"] == "failed"]
    return str(failed[-1]) if failed else ""


def _why(record: Record, detail: Mapping[str, Any]) -> str:
    if record.state == SKIPPED:
        return record.skipped
    cause = str(detail.get("cause") or "").strip()
    why = f"{record.error}: {cause}" if record.error and cause else cause or record.error
    if len(why) > _LONGEST_WHY:
        why = f"{why[:_LONGEST_WHY]} ..."
    return why or ("Its time was over." if record.state == TIMED_OUT else "No cause was given.")


def _todo(record: Record, resources: tuple[Diagnosis, ...]) -> str:
    if record.state == SKIPPED:
        return (
            "See why the run before it takes so long. What this run would have done was not done: "
            "start the flow again if it has to be."
        )
    return advice(record.error, record.state, resources) or "Open the run and look at the step that failed."
