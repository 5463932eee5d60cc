"""What the stores hold, as the models of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.contract.hints import advice
from lambdas.dashboard import access, deployment
from lambdas.dashboard.models.audit import AuditEntry
from lambdas.dashboard.models.charts import StateCounts
from lambdas.dashboard.models.flows import Hold, LastRun, Skip, Standing
from lambdas.dashboard.models.holds import Freeze
from lambdas.dashboard.models.runs import (
    Counts,
    FailedResource,
    Mail,
    NotRedrivable,
    PlaceOutcome,
    Run,
    RunDetail,
    Step,
    Trigger,
)
from lambdas.dashboard.upcoming import run_deadlines
from lambdas.gate import holds
from lambdas.store.audit import AuditEvent
from lambdas.tracker.counters import Tally
from lambdas.tracker.queries import RunDetail as Kept
from lambdas.tracker.record import RUNNING, SUCCEEDED, Record
from lambdas.tracker.steps import diagnoses, mails

_STEP = frozenset(Step.model_fields)


def run(record: Record) -> Run:
    """A run in a list."""
    return Run(**_run(record))


def run_detail(kept: Kept, *, redrivable: datetime | NotRedrivable | None, from_history: bool) -> RunDetail:
    """Everything about a run. redrivable: until when, or why not, or None where nobody would ask."""
    record, detail = kept.record, kept.detail
    parameters = detail.get("parameters")
    steps = detail.get("steps") or []
    return RunDetail(
        **_run(record),
        parameters=parameters if isinstance(parameters, dict) else {},
        steps=[_step(step) for step in steps],
        names=deployment.resource_names().known(json.dumps(steps)),
        places=[PlaceOutcome(**place) for place in detail.get("places") or []],
        deadlines=run_deadlines(record, datetime.now(UTC)),
        mails=[Mail(**mail) for mail in mails(steps)],
        output=detail.get("output") if record.state == SUCCEEDED else None,
        cause=detail.get("cause") or None,
        failures=[FailedResource(**failure) for failure in detail.get("failures") or []],
        advice=advice(record.error, record.state, diagnoses(detail.get("failures"))) or None,
        redrivable_until=redrivable if isinstance(redrivable, datetime) else None,
        not_redrivable=None if isinstance(redrivable, datetime) else redrivable,
        redrives=record.redrives,
        stoppable=record.state == RUNNING,
        from_history=from_history,
        execution=record.execution,
        console=deployment.console_url(record.execution),
    )


def last_run(record: Record | None) -> LastRun | None:
    """The newest run of a flow."""
    if record is None:
        return None
    return LastRun.model_validate(
        {"id": record.id, "name": record.name, "state": record.state, "started": record.started, "ended": record.ended}
    )


def standing(held: holds.Held, now: datetime) -> Standing:
    """What holds or skips a flow now."""
    kept = held.hold if held.hold and held.hold.holds(now) else None
    kept_skip = held.skip
    skip = Skip(by=kept_skip.by, why=kept_skip.why or None, since=kept_skip.since) if kept_skip else None
    frozen = held.freeze is not None and held.freeze.holds(now)
    return Standing(hold=hold(kept), skip_next=skip, frozen=frozen)


def freeze(kept: holds.Hold | None) -> Freeze | None:
    """The freeze, for the user."""
    if kept is None:
        return None
    exempt = [flow for flow in kept.exempt if access.user().admin or flow in access.seen()]
    return Freeze(by=kept.by, why=kept.why, since=kept.since, until=kept.until, exempt=exempt)


def hold(kept: holds.Hold | None) -> Hold | None:
    """A hold."""
    return Hold(by=kept.by, why=kept.why, since=kept.since, until=kept.until) if kept else None


def audit_entry(event: AuditEvent) -> AuditEntry:
    """What somebody did, with the run it was done to beside its details."""
    details = dict(event.details)
    run = details.pop("run", None)
    return AuditEntry(time=event.at, by=event.by, action=event.action, flow=event.flow, run=run, details=details)


def state_counts(told: Tally) -> StateCounts:
    """How many runs are in each state, and in all."""
    return StateCounts(**{state.lower(): n for state, n in told.states.items()}, total=sum(told.states.values()))


def _run(record: Record) -> dict[str, Any]:
    took = record.duration if record.has_ended else record.took(datetime.now(UTC))
    return {
        "id": record.id,
        "flow": record.flow,
        "name": record.name,
        "state": record.state,
        "trigger": _trigger(record.trigger),
        "dry_run": record.dry_run,
        "started": record.started,
        "ended": record.ended,
        "duration": None if took is None else took.total_seconds(),
        "counts": Counts(**vars(record.counts)),
        "error": record.error or None,
        "skipped": record.skipped or None,
    }


def _trigger(given: Mapping[str, Any]) -> Trigger:
    known = {name: given.get(name) for name in Trigger.model_fields}
    if known["flow"] and not access.user().admin and known["flow"] not in access.seen():
        # Who may see a run may see that a flow called it, and not which one.
        known |= {"flow": None, "execution": None}
    return Trigger.model_validate(known)


def _step(kept: Mapping[str, Any]) -> Step:
    made = {name: value for name, value in kept.items() if name in _STEP}
    if made["result"] is None:
        made["result"] = kept.get("results_inside")
    # Records of before have none.
    made.setdefault("failures", [])
    made.setdefault("until", None)
    return Step(**made)
