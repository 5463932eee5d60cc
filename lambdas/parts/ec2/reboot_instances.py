"""Rebooting instances: plan, request, and look at the status checks."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.contract.part import Call, Pending
from lambdas.engine.pacing import Bucket, Pace, send
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._instances import find, state_of, statuses
from lambdas.parts.ec2._power import PowerResult, described_first

_BUCKET = Bucket(1000, 20)
_SETTLED = 60
"""Seconds after a reboot during which the status checks may still be those of before."""


@dataclass
class RebootInstancesResult(PowerResult):
    """Result of ec2.reboot_instances.

    changed: instances whose reboot EC2 has queued (with status_check: and 2/2 checks passed since).
    skipped: those that were not running, and those excluded by tag.
    """


def reboot(call: Call, selection: Selection, status_check: bool) -> RebootInstancesResult | Pending:
    """One invocation. Groups of ids in the state: `todo`, `check` (to pass status checks), `done`."""
    progress = Progress(call.state)
    planned = "about" in call.state
    if not planned:
        _plan(call, selection, progress)
        if progress.ids("todo") and not call.dry_run:
            return _pending(call, progress, 1)
    wait = _send(call, progress, status_check)
    if progress.ids("todo"):
        return _pending(call, progress, wait or 1)
    if progress.ids("check"):
        _look(call, progress)
    return _pending(call, progress, None) if progress.ids("check") else _finish(call, progress)


def _plan(call: Call, selection: Selection, progress: Progress) -> None:
    call.state.clear()
    found = find(call, selection, progress)
    for instance in found:
        state = state_of(instance)
        if state == "running":
            progress.add("todo", [instance["InstanceId"]])
        else:
            progress.skip([instance["InstanceId"]], f"is {state}")
    call.state["about"] = described_first(found)


def _send(call: Call, progress: Progress, status_check: bool) -> int | None:
    todo = progress.ids("todo")
    if not todo:
        return None
    client = call.client("ec2")
    pace = Pace(_BUCKET, call.state.setdefault("pace", {}), call.now())
    sent = send(call, todo, lambda ids: client.reboot_instances(InstanceIds=ids, DryRun=call.dry_run), pace)
    for ids, code, message in sent.failed:
        progress.fail(ids, code, message)
    progress.put("todo", sent.left)
    progress.add("check" if status_check and not call.dry_run else "done", sent.accepted)
    if sent.accepted:
        call.state["sent_at"] = call.now()
    return sent.wait


def _look(call: Call, progress: Progress) -> None:
    if call.now() - call.state["sent_at"] < _SETTLED:
        return
    waiting = progress.ids("check")
    found = statuses(call, waiting)
    progress.put("check", [i for i in waiting if found.get(i) != "ok"])
    progress.add("done", [i for i in waiting if found.get(i) == "ok"])


def _pending(call: Call, progress: Progress, wait: int | None) -> Pending:
    left = [*progress.ids("todo"), *progress.ids("check")]
    what = "to reboot" if progress.ids("todo") else "to pass 2/2 status checks"
    text = f"{len(left)} {what} ({', '.join(left[:10])}{', ...' if len(left) > 10 else ''})"

    def give_up() -> RebootInstancesResult:
        progress.fail(left, "Timeout", "'{id}' has not passed its status checks in time")
        return _finish(call, progress)

    return Pending(call.state, text, wait=wait, give_up=give_up)


def _finish(call: Call, progress: Progress) -> RebootInstancesResult:
    result = RebootInstancesResult()
    progress.fill(result, changed=progress.ids("done"))
    result.show(call.state["about"])
    verb = "would reboot" if call.dry_run else "rebooted"
    result.summary = summary(verb, "instance", result.changed, len(result.skipped), result.failed)
    return result
