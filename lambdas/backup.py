"""Snapshotting volumes and keeping N generations: plan, create, wait until completed, plan the rotation, delete.

What is planned is given to the state machine before it is done, and what is made carries the run and the call as tags
from the creating request on. So any invocation may be repeated: it finds what the lost one did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas import service_errors, snapshots
from lambdas.batching import MARGIN
from lambdas.contract import Call, Pending, Result
from lambdas.errors import AccessDenied
from lambdas.instances import Instance
from lambdas.power import summary
from lambdas.progress import Progress
from lambdas.snapshots import Snapshot, SnapshotRecord, record, tags_for
from lambdas.volumes import Volume, by_id, timestamp

_SHOWN = 100
"""Volumes and snapshots whose details the result carries."""

_CHUNK = 100
_LOST = 120
"""Seconds after which a snapshot that AWS does not describe any more has been deleted, not merely not yet shown."""

# Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API"; Amazon EBS User Guide, "Amazon EBS quotas".
_VOLUME_BUSY = frozenset({"SnapshotCreationPerVolumeRateExceeded"})
_ACCOUNT_BUSY = frozenset(
    {"ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "MaximumSnapshotsInProgress"}
)
_PER_VOLUME_RATE = 15
"""Seconds between two snapshots of one volume."""

# A snapshot that something else still uses stays, and that is no failure of the backup.
_IN_USE = frozenset({"InvalidSnapshot.InUse", "SnapshotLocked"})


@dataclass
class CreateSnapshotResult(Result):
    """Result of ebs.create_snapshot.

    matched: ids of the selected volumes.
    changed: ids of the volumes that have a new, completed snapshot.
    snapshot_ids: ids of the new snapshots, each completed.
    snapshots: the new snapshots (the first 100).
    generations: the completed snapshots of this flow that are kept, the newest first (the first 100).
    deleted: ids of the snapshots deleted by rotation.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)
    generations: list[SnapshotRecord] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


class Backup:
    """Groups of ids in the state: `todo` volumes to be snapshotted, `waiting` volumes whose snapshot is pending, `done`
    volumes whose snapshot is completed; `made` maps volume to snapshot; `delete` snapshots to go, `deleted` gone."""

    def __init__(self, call: Call, description: str, generation: int | None) -> None:
        self.call = call
        self.client = call.client("ec2")
        self.description = description
        self.generation = generation
        self.state = call.state
        self.progress = Progress(call.state)
        self.wait: int | None = None
        self.found: list[Snapshot] = []

    @property
    def planned(self) -> bool:
        """Whether the volumes are settled."""
        return "about" in self.state

    def plan(self, volumes: list[Volume], instances: list[Instance], progress: Progress) -> None:
        """Settle which volumes are snapshotted."""
        self.state.clear()
        self.state.update(progress.state)
        self.progress.put("todo", [v["VolumeId"] for v in volumes])
        self.progress.put("matched", [v["VolumeId"] for v in volumes])
        self.state["about"] = {v["VolumeId"]: v for v in volumes[:_SHOWN]}
        kept = ("InstanceId", "BlockDeviceMappings", "Tags")
        self.state["instances"] = [{k: i[k] for k in kept if k in i} for i in instances[:_SHOWN]]

    def go_on(self) -> CreateSnapshotResult | Pending:
        """One invocation after the plan."""
        if "delete" in self.state.get("ids", {}) or self.state.get("rotating"):
            return self._delete()
        if self.progress.ids("todo") or self.progress.ids("waiting"):
            self._look()
            self._create()
        if self.progress.ids("todo") or self.progress.ids("waiting"):
            return self.pending()
        return self._rotate()

    def pending(self) -> Pending:
        """What is still awaited."""
        parts = []
        for group, text in (("todo", "to be snapshotted"), ("waiting", "whose snapshot is pending")):
            if ids := self.progress.ids(group):
                parts.append(f"{len(ids)} volumes {text} ({', '.join(ids[:10])}{', ...' if len(ids) > 10 else ''})")
        return Pending(self.state, "; ".join(parts), wait=self.wait, give_up=self.give_up)

    # Creating

    def _look(self) -> None:
        """Take note of the snapshots that this call has made so far."""
        by_volume: dict[str, list[Snapshot]] = {}
        self.found = snapshots.of_call(self.call)
        for snapshot in self.found:
            by_volume.setdefault(snapshot["VolumeId"], []).append(snapshot)
        made = self._made()
        for candidates in by_volume.values():
            candidates.sort(key=lambda s: (s["StartTime"], s["SnapshotId"]))
        todo = self.progress.ids("todo")
        adopted = {v: by_volume[v][0]["SnapshotId"] for v in todo if v in by_volume}
        made.update(adopted)
        self._set_made(made)
        self.progress.put("todo", [v for v in todo if v not in adopted])
        self._sort(self.progress.ids("waiting") + list(adopted), made, {s["SnapshotId"]: s for s in self.found})

    def _sort(self, volumes: list[str], made: dict[str, str], seen: dict[str, Snapshot]) -> None:
        """Move volumes whose snapshot has completed or failed out of `waiting`."""
        waiting, done = [], []
        lost = {made[v] for v in volumes if made[v] not in seen}
        gone: set[str] = set()
        if lost and self.call.now() - self.state.get("created_at", 0) > _LOST:
            seen = seen | {s["SnapshotId"]: s for s in snapshots.by_id(self.call, sorted(lost))}
            gone = lost - set(seen)
        for volume in volumes:
            snapshot = seen.get(made[volume])
            if made[volume] in gone:
                self.progress.fail([volume], "InvalidSnapshot.NotFound", f"{made[volume]} of '{{id}}' was deleted")
            elif snapshot is None or snapshot["State"] in ("pending", "recoverable", "recovering"):
                waiting.append(volume)
            elif snapshot["State"] == "completed":
                done.append(volume)
            else:
                reason = snapshot.get("StateMessage") or "AWS gives no reason"
                self.progress.fail([volume], "SnapshotError", f"{made[volume]} of '{{id}}' failed: {reason}")
        self.progress.put("waiting", waiting)
        self.progress.add("done", done)

    def _create(self) -> None:
        """Create what is missing, as far as quotas, the token bucket and the time of this invocation allow."""
        todo = self.progress.ids("todo")
        left: list[str] = []
        made = self._made()
        created = 0
        stop = False
        for start in range(0, len(todo), _CHUNK):
            chunk = todo[start : start + _CHUNK]
            described = {} if stop else self._volumes(chunk)
            for volume in chunk:
                if stop or (created and self.call.remaining() < MARGIN):
                    left.append(volume)
                    stop, self.wait = True, self.wait or 1
                elif volume in described:
                    outcome, snapshot = self._create_one(described[volume])
                    stop = outcome == "stop"
                    if snapshot:
                        created += 1
                        made[volume] = snapshot
                        self.progress.add("waiting", [volume])
                    elif outcome != "failed":
                        left.append(volume)
        if created:
            self.state["created_at"] = self.call.now()
        self._set_made(made)
        self.progress.put("todo", left)

    def _volumes(self, chunk: list[str]) -> dict[str, Volume]:
        """The volumes with their tags, which the snapshots get."""
        known: dict[str, Volume] = {v: self.state["about"][v] for v in chunk if v in self.state["about"]}
        unknown = [v for v in chunk if v not in known]
        if unknown:
            found = by_id(self.call, unknown)
            for ids, code, message in found.failed:
                self.progress.fail(ids, code, message)
            known.update((v["VolumeId"], v) for v in found.items)
        return known

    def _create_one(self, volume: Volume) -> tuple[str, str | None]:
        """Create one snapshot: ("created", id), or "later", "stop" (everything later), "failed" without id."""
        try:
            answer = self._request(volume, dry_run=False)
        except Exception as error:
            return self._refused(volume["VolumeId"], error), None
        if len(self.state.setdefault("answers", [])) < _SHOWN:
            kept = ("SnapshotId", "VolumeId", "State", "StartTime", "VolumeSize", "Description")
            short = {k: answer[k] for k in kept if k in answer}
            self.state["answers"].append({**short, "StartTime": timestamp(answer["StartTime"])})
        return "created", str(answer["SnapshotId"])

    def _request(self, volume: Volume, *, dry_run: bool) -> Any:
        tags, dropped = tags_for(self.call.run, volume)
        if dropped and not dry_run:
            warning = f"{volume['VolumeId']}: {dropped} of its tags did not fit the 50 tags of a snapshot"
            self.state["warnings"] = [*self.state.get("warnings", []), warning][:_SHOWN]
        return self.client.create_snapshot(
            VolumeId=volume["VolumeId"],
            Description=self.description,
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            DryRun=dry_run,
        )

    def _refused(self, volume: str, error: Exception) -> str:
        code = service_errors.code(error)
        if code in _VOLUME_BUSY:
            self.wait = _PER_VOLUME_RATE
            return "later"
        if code in _ACCOUNT_BUSY or service_errors.is_throttling(error) or service_errors.is_unavailable(error):
            # An unavailable service may have created it all the same: the next look will tell.
            return "stop"
        if not code:
            raise error
        if service_errors.is_denied(error) and not self._made():
            raise AccessDenied(f"the role may not create snapshots: {code}: {service_errors.message(error)}") from error
        self.progress.fail([volume], code, service_errors.message(error))
        return "failed"

    def _made(self) -> dict[str, str]:
        return dict(zip(self.progress.ids("made volumes"), self.progress.ids("made snapshots"), strict=True))

    def _set_made(self, made: dict[str, str]) -> None:
        self.progress.put("made volumes", made)
        self.progress.put("made snapshots", made.values())

    # Rotating

    def _rotate(self) -> CreateSnapshotResult | Pending:
        """Settle what is deleted: duplicates of a lost invocation, and what is beyond the generations."""
        done = self.progress.ids("done")
        made = self._made()
        self.found = snapshots.of_call(self.call) if done and not self.found else self.found
        doubles = [s["SnapshotId"] for s in self.found if self._is_double(s, made, set(done))]
        doomed = list(doubles)
        if self.generation and done:
            completed = snapshots.completed_of_flow(self.call, done)
            for volume in done:
                kept = [s for s in completed[volume] if s["SnapshotId"] not in doubles]
                if made[volume] not in {s["SnapshotId"] for s in kept}:
                    # Not shown as completed by this description yet: without it there is no count to rely on.
                    return Pending(self.state, f"{made[volume]} to be listed as completed", give_up=self.give_up)
                doomed += [s["SnapshotId"] for s in beyond(kept, made[volume], self.generation)]
        self.state["rotating"] = True
        self.progress.put("delete", doomed)
        if doomed:
            return Pending(self.state, f"{len(doomed)} old snapshots to be deleted", wait=1, give_up=self.give_up)
        return self._delete()

    @staticmethod
    def _is_double(snapshot: Snapshot, made: dict[str, str], done: set[str]) -> bool:
        volume = snapshot["VolumeId"]
        return volume in done and snapshot["SnapshotId"] != made[volume] and snapshot["State"] != "error"

    def _delete(self) -> CreateSnapshotResult | Pending:
        doomed = self.progress.ids("delete")
        for index, snapshot in enumerate(doomed):
            if index and self.call.remaining() < MARGIN:
                self.progress.put("delete", doomed[index:])
                return Pending(self.state, f"{len(doomed) - index} old snapshots to be deleted", wait=1)
            if not self._delete_one(snapshot):
                self.progress.put("delete", doomed[index:])
                waiting_for = f"{len(doomed) - index} old snapshots to be deleted; AWS throttles"
                return Pending(self.state, waiting_for, give_up=self.give_up)
        self.progress.put("delete", [])
        return self.finish()

    def _delete_one(self, snapshot: str) -> bool:
        """Delete one; False when AWS asks to slow down."""
        try:
            self.client.delete_snapshot(SnapshotId=snapshot)
        except Exception as error:
            code = service_errors.code(error)
            if service_errors.is_throttling(error) or service_errors.is_unavailable(error):
                return False
            if not code:
                raise
            if code in _IN_USE:
                self.progress.skip([snapshot], f"kept beyond its generations: {service_errors.message(error)}")
                self.progress.add("excluded", [snapshot])
            elif code != "InvalidSnapshot.NotFound":
                self.progress.fail([snapshot], code, service_errors.message(error))
            if code != "InvalidSnapshot.NotFound":
                return True
        self.progress.add("deleted", [snapshot])
        return True

    # Results

    def dry_run(self) -> CreateSnapshotResult | Pending:
        """Ask AWS whether it would create and delete; nothing is changed."""
        asked = {*self.progress.ids("done"), *(f.id for f in self.progress.failed())}
        todo = [v for v in self.progress.ids("todo") if v not in asked]
        for start in range(0, len(todo), _CHUNK):
            for index, (volume, described) in enumerate(self._volumes(todo[start : start + _CHUNK]).items()):
                if (start or index) and self.call.remaining() < MARGIN:
                    return Pending(self.state, f"{len(todo) - start - index} volumes to be asked about", wait=1)
                self._ask(lambda described=described: self._request(described, dry_run=True), volume, "done")
        self.progress.put("todo", [])
        self.progress.put("deleted", [])
        done = self.progress.ids("done")
        if self.generation and done:
            for generations in snapshots.completed_of_flow(self.call, done).values():
                for old in generations[self.generation - 1 :]:
                    doomed = old["SnapshotId"]
                    self._ask(
                        lambda doomed=doomed: self.client.delete_snapshot(SnapshotId=doomed, DryRun=True),
                        doomed,
                        "deleted",
                    )
        return self.finish()

    def _ask(self, request: Any, resource: str, group: str) -> None:
        try:
            request()
        except Exception as error:
            code = service_errors.code(error)
            if code != service_errors.DRY_RUN:
                if not code or service_errors.is_throttling(error) or service_errors.is_unavailable(error):
                    raise
                self.progress.fail([resource], code, service_errors.message(error))
                return
        self.progress.add(group, [resource])

    def give_up(self) -> CreateSnapshotResult:
        """The result at the end of the timeout."""
        self.progress.fail(self.progress.ids("todo"), "Timeout", "no snapshot of '{id}' could be started in time")
        made = self._made()
        for volume in self.progress.ids("waiting"):
            self.progress.fail([volume], "Timeout", f"{made[volume]} of '{{id}}' did not complete in time")
        self.progress.fail(self.progress.ids("delete"), "Timeout", "'{id}' was not deleted in time")
        return self.finish()

    def finish(self) -> CreateSnapshotResult:
        """The result, with the details of the first hundred."""
        done = self.progress.ids("done")
        made = self._made()
        result = CreateSnapshotResult()
        self.progress.fill(result, changed=done)
        result.matched = sorted({*self.progress.ids("matched"), *(f.id for f in result.failed if _is_target(f.id))})
        result.snapshot_ids = [made[v] for v in done if v in made]
        result.deleted = self.progress.ids("deleted")
        result.warnings = self.state.get("warnings", []) + [
            f"{s.id} {s.reason}" for s in result.skipped if s.id.startswith("snap-")
        ]
        details: list[Snapshot] = []
        if made:
            details = snapshots.by_id(self.call, list(made.values())[:_SHOWN])
        result.snapshots = [record(s) for s in details]
        kept = snapshots.completed_of_flow(self.call, done) if self.generation and made else {}
        gone = set(result.deleted)
        generations = [s for v in done for s in kept.get(v, []) if s["SnapshotId"] not in gone][:_SHOWN]
        result.generations = [record(s) for s in generations]
        result.responses = self._responses(details, generations, result)
        verb = "would snapshot" if self.call.dry_run else "snapshotted"
        result.summary = summary(verb, "volume", done, len(result.skipped), result.failed)
        if result.deleted:
            verb = "would delete" if self.call.dry_run else "deleted"
            result.summary += f"; {verb} {len(result.deleted)} old snapshots"
        return result

    def _responses(self, details: list[Snapshot], kept: list[Snapshot], result: CreateSnapshotResult) -> dict[str, Any]:
        return {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": self.state.get("instances", [])}]},
            "DescribeVolumesResponse": {"Volumes": list(self.state.get("about", {}).values())},
            "CreateSnapshotResponse": self.state.get("answers", []),
            "DescribeSnapshotsResponse": {"Snapshots": details, "Generations": kept},
            "DeleteSnapshotResponse": [{"SnapshotId": s, "Return": True} for s in result.deleted[:_SHOWN]],
        }


def beyond(completed: list[Snapshot], new: str, generation: int) -> list[Snapshot]:
    """Those of `completed` (the newest first) beyond the generations to keep; `new` is always kept."""
    kept = {new, *(s["SnapshotId"] for s in completed[:generation] if s["SnapshotId"] != new)}
    spare = [s for s in completed if s["SnapshotId"] in kept and s["SnapshotId"] != new]
    if len(kept) > generation:
        kept.discard(spare[-1]["SnapshotId"])
    return [s for s in completed if s["SnapshotId"] not in kept]


def _is_target(resource: str) -> bool:
    return not resource.startswith("snap-")
