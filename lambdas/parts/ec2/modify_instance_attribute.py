"""Changing the type of instances: stop, modify, start, verify; the next type when there is no capacity, else the old.

What an instance is and was is planned and given to the state machine first. Each invocation then looks at the instances
and goes on from what it sees, so that one that is repeated after a crash does not lose its way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.part import Call, Pending
from lambdas.engine.pacing import MARGIN, Pace, send
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._instances import Instance, by_id, find, state_of, statuses
from lambdas.parts.ec2._power import (
    STALE,
    Change,
    PowerResult,
    cannot_stop,
    described_first,
    fall_back,
    starting,
    stopping,
)

_STAGES = {
    "stop": "to be stopped",
    "stopping": "to be stopped",
    "modify": "to get their type",
    "start": "to be started",
    "starting": "to be running",
    "check": "to pass 2/2 status checks",
    "verify": "to show their type",
}


@dataclass
class ModifyInstanceAttributeResult(PowerResult):
    """Result of ec2.modify_instance_attribute.

    changed: instances that have the new type, or one of the fallback types, and are in the state they were in.
    skipped: those that had the type already, and those excluded by tag.
    fallen_back: those of `changed` that have one of the fallback types.
    """

    fallen_back: list[str] = field(default_factory=list)


class Resizing:
    """Groups of ids in the state, named by the stage; `who`: id -> {"old": type, "run": was running, "try": index of
    the type in `types`, one beyond the last for the old one, "why": code and message of the first refusal}."""

    def __init__(self, call: Call, types: list[str], *, restart: bool, status_check: bool) -> None:
        self.call = call
        self.types = types
        self.restart = restart
        self.status_check = status_check
        self.state = call.state
        self.progress = Progress(call.state)
        self.wait: int | None = None

    @property
    def who(self) -> dict[str, dict[str, Any]]:
        """What was planned for each instance."""
        return dict(self.state.get("who", {}))

    def run(self, selection: Selection) -> ModifyInstanceAttributeResult | Pending:
        """One invocation."""
        planned = "who" in self.state
        if not planned:
            self._plan(selection)
        if self.call.dry_run:
            return self._dry_run()
        if planned:
            self._look()
            self._power("stop", "stopping", stopping(self.call, False, False), self.progress.ids("stop"))
            self._start()
            # After the starts: what is modified is started by the next invocation, which knows that it was stopped.
            self._modify()
            if self.progress.ids("start"):
                self.wait = self.wait or 1
        elif any(self.progress.ids(stage) for stage in _STAGES):
            self.wait = 1
        return self._outcome()

    # Planning

    def _plan(self, selection: Selection) -> None:
        self.state.clear()
        who: dict[str, dict[str, Any]] = {}
        found = find(self.call, selection, self.progress)
        for instance in found:
            instance_id, state = instance["InstanceId"], state_of(instance)
            if instance["InstanceType"] == self.types[0]:
                self.progress.skip([instance_id], f"already {self.types[0]}")
                continue
            if reason := self._unsuitable(instance, state):
                self.progress.fail([instance_id], *reason)
                continue
            who[instance_id] = {"old": instance["InstanceType"], "run": state == "running", "try": 0}
            self.progress.add({"running": "stop", "stopping": "stopping"}.get(state, "modify"), [instance_id])
        self.state["who"] = who
        self.state["about"] = described_first(found)

    def _unsuitable(self, instance: Instance, state: str) -> tuple[str, str] | None:
        if state not in ("running", "stopping", "stopped"):
            return "IncorrectInstanceState", f"'{{id}}' is {state}"
        if state == "running" and not self.restart:
            return "IncorrectInstanceState", "'{id}' is running; stop it first, or write restart=True"
        refused = cannot_stop(instance, False)
        return (refused.code, refused.message) if refused else None

    def _dry_run(self) -> ModifyInstanceAttributeResult | Pending:
        """Ask for the stop, the start and the new type; nothing is noted before all is asked."""
        running = [i for i, w in self.who.items() if w["run"]]
        refused: list[tuple[list[str], str, str]] = []
        for change in (stopping(self.call, False, False), starting(self.call, False)):
            sent = send(self.call, running, partial(_ask, change), self._pace(change))
            if sent.left:
                return Pending(self.state, f"{len(sent.left)} instances to be asked about", wait=sent.wait or 1)
            refused += sent.failed
        bad = {i for ids, _, _ in refused for i in ids}
        done = []
        for instance in [i for i in self.who if i not in bad]:
            try:
                self._request(instance, self.types[0], dry_run=True)
            except Exception as error:
                code = aws_errors.code(error)
                if not code or aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                    raise
                if code != aws_errors.DRY_RUN:
                    refused.append(([instance], code, aws_errors.message(error)))
                    continue
            done.append(instance)
        told: set[str] = set()
        for ids, code, message in refused:
            # Both the stop and the start of one may have been refused.
            self.progress.fail([i for i in ids if i not in told], code, message)
            told.update(ids)
        for stage in _STAGES:
            self.progress.put(stage, [])
        self.progress.put("done", done)
        return self._finish()

    # Going on

    def _look(self) -> None:
        """Sort the instances into stages by what they are now."""
        if waiting := self.progress.ids("check"):
            found = statuses(self.call, waiting)
            self._settle([i for i in waiting if found.get(i) == "ok"])
            self.progress.put("check", [i for i in waiting if i in found and found[i] != "ok"])
            self.progress.add("starting", [i for i in waiting if i not in found])
        stages = {i: stage for stage in _STAGES if stage != "check" for i in self.progress.ids(stage)}
        seen = by_id(self.call, list(stages)) if stages else None
        for ids, code, message in seen.failed if seen else []:
            self.progress.fail(ids, code, message)
        groups: dict[str, list[str]] = {stage: [] for stage in _STAGES if stage != "check"}
        checks: list[str] = []
        for instance in seen.items if seen else []:
            instance_id = instance["InstanceId"]
            if instance_id in self.state["about"]:
                before = self.state["about"][instance_id][0]
                self.state["about"][instance_id] = [before, described_first([instance])[instance_id][1]]
            stage = self._stage(instance, stages[instance_id])
            if stage in groups:
                groups[stage].append(instance_id)
            elif stage == "check":
                checks.append(instance_id)
            elif stage == "done":
                self._settle([instance_id])
        for stage, ids in groups.items():
            self.progress.put(stage, ids)
        self.progress.add("check", checks)

    def _stage(self, instance: Instance, stage: str) -> str:
        """Where an instance stands, from the stage it was in and the state it is in."""
        instance_id, state = instance["InstanceId"], state_of(instance)
        if state in ("terminated", "shutting-down"):
            self.progress.fail([instance_id], "IncorrectInstanceState", f"'{{id}}' is {state}")
            return "failed"
        if stage in ("modify", "start", "starting") and state in ("pending", "running"):
            # Also when the invocation that started it was lost: the type tells which attempt it was.
            self.state["who"][instance_id]["try"] = self._attempt(instance_id, instance["InstanceType"])
            after = "check" if self.status_check else "done"
            return after if state == "running" else "starting"
        if stage == "starting" and state == "stopped":
            since = self.call.now() - self.state.get("sent_at", 0)
            # What is described may be how the attempt with the type before has ended.
            stale = self.state["who"][instance_id]["try"] > 0 and since < STALE
            reason = None if stale else fall_back(instance, since)
            return self._next_type(instance_id, reason.code, reason.message) if reason else "starting"
        if stage in ("stop", "stopping"):
            return "modify" if state == "stopped" else "stopping" if state == "stopping" else stage
        if stage == "verify" and instance["InstanceType"] == self._type(instance_id):
            return "done"
        return stage

    def _attempt(self, instance: str, instance_type: str) -> int:
        return self.types.index(instance_type) if instance_type in self.types else len(self.types)

    def _type(self, instance: str) -> str:
        """The type that is tried now."""
        who = self.state["who"][instance]
        return str([*self.types, who["old"]][who["try"]])

    def _next_type(self, instance: str, code: str, message: str) -> str:
        """The stage after a refusal: another type, or when even the old one is refused, a failure."""
        who = self.state["who"][instance]
        who.setdefault("why", [code, message.replace("{id}", instance)])
        if who["try"] == len(self.types):
            text = f"'{{id}}' is stopped and cannot be started again as {who['old']}: {message}"
            self.progress.fail([instance], code, text)
            return "failed"
        who["try"] += 1
        return "modify"

    def _power(self, stage: str, after: str, change: Change, ids: list[str]) -> None:
        if not ids:
            return
        sent = send(self.call, ids, lambda batch: change.request(batch, False), self._pace(change))
        for refused, code, message in sent.failed:
            self._remove(stage, refused)
            if stage == "start":
                self.progress.add("modify", [i for i in refused if self._next_type(i, code, message) == "modify"])
            else:
                self.progress.fail(refused, code, message)
        self._remove(stage, sent.accepted)
        self.progress.add(after, sent.accepted)
        if sent.accepted:
            self.state["sent_at"] = self.call.now()
        if sent.left:
            self.wait = sent.wait or 1

    def _start(self) -> None:
        """Start instances of one type together: a lack of capacity is one of a type."""
        by_type: dict[str, list[str]] = {}
        for instance in self.progress.ids("start"):
            by_type.setdefault(self._type(instance), []).append(instance)
        for ids in by_type.values():
            self._power("start", "starting", starting(self.call, self.status_check), ids)

    def _modify(self) -> None:
        todo = self.progress.ids("modify")
        self.progress.put("modify", [])
        left: list[str] = []
        for index, instance in enumerate(todo):
            if index and self.call.remaining() < MARGIN:
                left += todo[index:]
                self.wait = 1
                break
            try:
                self._request(instance, self._type(instance), dry_run=False)
            except Exception as error:
                code, message = aws_errors.code(error), aws_errors.message(error)
                if aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                    left += todo[index:]
                    break
                if not code:
                    raise
                # EC2 may still take it for not quite stopped; the next look tells.
                again = code == "IncorrectInstanceState"
                left += [instance] if again or self._next_type(instance, code, message) == "modify" else []
            else:
                self.progress.add("start" if self.state["who"][instance]["run"] else "verify", [instance])
        self.progress.add("modify", left)

    def _request(self, instance: str, instance_type: str, *, dry_run: bool) -> None:
        self.call.client("ec2").modify_instance_attribute(
            InstanceId=instance, InstanceType={"Value": instance_type}, DryRun=dry_run
        )

    def _settle(self, ids: list[str]) -> None:
        """Count instances as changed, or as failed when they are back at their old type."""
        for instance in ids:
            who = self.state["who"][instance]
            if who["try"] < len(self.types):
                self.progress.add("done", [instance])
            else:
                code, message = who.get("why", ["NotModified", "it was started with its old type meanwhile"])
                self.progress.fail([instance], code, f"'{{id}}' stays {who['old']}: {message}")

    def _remove(self, stage: str, ids: list[str]) -> None:
        dropped = set(ids)
        self.progress.put(stage, [i for i in self.progress.ids(stage) if i not in dropped])

    def _pace(self, change: Change) -> Pace:
        return Pace(change.bucket, self.state.setdefault(f"pace {change.verb}", {}), self.call.now())

    # Results

    def _outcome(self) -> ModifyInstanceAttributeResult | Pending:
        parts = []
        for stage, text in _STAGES.items():
            if ids := self.progress.ids(stage):
                parts.append(f"{len(ids)} {text} ({', '.join(ids[:10])}{', ...' if len(ids) > 10 else ''})")
        if parts:
            return Pending(self.state, "; ".join(parts), wait=self.wait, give_up=self._give_up)
        return self._finish()

    def _give_up(self) -> ModifyInstanceAttributeResult:
        for stage, text in _STAGES.items():
            self.progress.fail(self.progress.ids(stage), "Timeout", f"'{{id}}' was still {text} when the time ended")
        return self._finish()

    def _finish(self) -> ModifyInstanceAttributeResult:
        result = ModifyInstanceAttributeResult()
        self.progress.fill(result, changed=self.progress.ids("done"))
        result.show(self.state["about"])
        for instance in result.changed:
            who = self.state["who"][instance]
            if who["try"]:
                result.fallen_back.append(instance)
                reason = who.get("why", ["", "no capacity"])
                result.warnings.append(f"{instance} is {self._type(instance)}, not {self.types[0]}: {reason[1]}")
        verb = "would modify" if self.call.dry_run else "modified"
        result.summary = summary(verb, "instance", result.changed, len(result.skipped), result.failed)
        return result


def _ask(change: Change, ids: list[str]) -> None:
    change.request(ids, True)
