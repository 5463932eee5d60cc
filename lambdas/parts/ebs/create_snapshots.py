"""ebs.create_snapshots: a crash-consistent set of snapshots of each instance's volumes, and the newest sets kept."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.rotation import Rotating
from lambdas.engine.selection import FILTER_VALUES, ChangeInstances, Selection, selected, tag_map
from lambdas.engine.stages import Each, Failed, Stage, Verdict, Verdicts
from lambdas.engine.tags import CALL, FLOW, RUN, tag_value, tags_for
from lambdas.parts.ebs._shared import snapshots
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS, VOLUMES
from lambdas.parts.ebs._shared.quiescing import ALLOWED, HINTS, Quiescing
from lambdas.parts.ebs._shared.snapshots import VOLUMES_OF, SnapshotRecord, check_description, record
from lambdas.parts.ec2._shared.images import (
    AGAIN,
    TOO_MANY_PENDING,
    Snapshot,
    delete,
    not_deleted,
    search_snapshots,
)
from lambdas.parts.ec2._shared.instances import Instance, by_id, find, population
from lambdas.parts.ec2._shared.permissions import INSTANCES

_WITH_VOLUMES = re.compile(r"with (\d+) volumes")
"""The groups of instances by the number of their volumes."""


@dataclass
class CreateSnapshotsResult(MakingResult):
    """Result of ebs.create_snapshots.

    matched: ids of the selected instances.
    changed: ids of the instances that have a new set of snapshots, all completed.
    snapshot_ids: ids of the new snapshots, each completed.
    snapshots: the new snapshots (of the first 100 instances).
    generations: the snapshots of the sets of this flow that are kept, the newest first (of the first 100 sets).
    deleted: ids of the snapshots deleted by rotation.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)
    generations: list[SnapshotRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeSnapshots")),
        Allow(("ec2:CreateSnapshots",), (*INSTANCES, *VOLUMES)),
        Allow(("ec2:CreateSnapshots",), SNAPSHOTS, {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), SNAPSHOTS, {"StringEquals": {"ec2:CreateAction": "CreateSnapshots"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:volumes-of": "?*"}}),
        *ALLOWED,
    ),
    cost="Storage of what has changed since the set before. `generation` or `keep` bounds it; what they delete and a "
    "rule of Recycle Bin retains is billed until it leaves there.",
    hints={
        **HINTS,
        "TagLimitExceeded": "A volume has more tags than fit beside the five of nightshift: write copy_tags=False.",
    },
    timeout="6h",
    interval=15,
)
def create_snapshots(
    call: Call,
    *,
    exclude_boot_volume: bool = False,
    copy_tags: bool = True,
    description: str = "",
    generation: int | None = None,
    keep: str | None = None,
    daily: int | None = None,
    weekly: int | None = None,
    monthly: int | None = None,
    before: str = "",
    after: str = "",
    **common: Unpack[ChangeInstances],
) -> CreateSnapshotsResult | Pending:
    """Snapshot all volumes of each instance at the same moment, wait until all are completed, and keep the newest sets.

    The snapshots of an instance are crash-consistent across its volumes: as after a power cut, which a database over
    several volumes or a RAID needs at least. Each gets the tags of its volume, and nightshift:flow, nightshift:run,
    nightshift:call and nightshift:volumes-of, the instance. A set counts as done when all its snapshots are completed;
    when one ends in error, the instance fails.

    Application-consistent: with `before` and `after`, which Systems Manager runs on the instances (Linux), an instance
    is frozen while its snapshots are requested, a few seconds. `after` runs in any case: should the function or the run
    end in between, the instance itself runs it after five minutes, and what is not requested by then fails.

    Rotation: when the new set of an instance is completed, the completed sets that this flow made of this instance are
    looked at, and all snapshots of those that no parameter keeps are deleted. Snapshots of ebs.create_snapshot are no
    generations of it. One that is in use (by an AMI), locked or managed by AWS Backup is kept and reported under
    `skipped`.

    The API has no client token. What a lost request made is found by its tags, and a second set, which EC2 makes of
    the same volumes 15 seconds later at the earliest, is deleted.

    Parameters:
    exclude_boot_volume: leave the root volumes out.
    copy_tags: whether the snapshots get the tags of their volumes.
    description: description of the snapshots, at most 255 characters; default: names the flow and the run.
    generation: newest completed sets to keep of each instance, at least 1. Without generation, keep, daily, weekly and
        monthly all are kept.
    keep: keep those that are not older, such as "30d".
    daily: keep the newest of each of the last so many days (UTC) in which there is one.
    weekly: the same of weeks, which begin on Monday.
    monthly: the same of months.
    before: shell commands to run as root on each instance before its snapshots are requested, such as
        "fsfreeze -f /data"; at most four minutes. Never freeze the file system of / or /var.
    after: shell commands to run there afterwards, also when `before` or the snapshots have failed: "fsfreeze -u /data".

    Result: CreateSnapshotsResult.

    Errors:
    PartFailed: an instance does not exist or has no volumes, a snapshot ended in error, or an old one could not be
        deleted.
    PartTimeout: a set was not completed when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not create snapshots.
    InvalidParameter: no selection is given, generation, daily, weekly or monthly is less than 1, or
        keep is no duration; after is given without before.

    Source: "CreateSnapshots" (Amazon EC2 API Reference); "Create multi-volume Amazon EBS snapshots" (Amazon EBS User
    Guide).

    Example:
        from lambdas.parts import ebs
        from nightshift import cron, flow


        @flow(schedule=cron("0 1 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def consistent_sets():
            \"\"\"Snapshot the volumes of each database server at the same moment, and keep seven sets of each.\"\"\"
            made = ebs.create_snapshots(
                tag="Role=database",
                exclude_boot_volume=True,
                generation=7,
                before="fsfreeze -f /data",
                after="fsfreeze -u /data",
            )
            return made.snapshot_ids
    """
    retention = Retention(generation, keep, daily, weekly, monthly)
    check_description(description)
    request = {
        "Description": description or f"{call.run.flow} {call.run.started}".strip(),
        **({"CopyTagsFromSource": "volume"} if copy_tags else {}),
    }
    selection = selected(common, "instance_id")
    around = Quiescing(call, before, after)
    return Snapshotting(call, selection, request, retention, around, without_boot=exclude_boot_volume).run()


class Snapshotting(Rotating[CreateSnapshotsResult]):
    """The product of an instance is a set of snapshots, which has no id in AWS: that of this call is called as its
    instance, any other as the first of its snapshots.
    """

    verb, done, noun, product, products = "snapshot the volumes of", "snapshotted", "instance", "snapshot", "snapshots"
    result = CreateSnapshotsResult
    gone = "InvalidSnapshot.NotFound"
    again = frozenset({AGAIN})
    busy = {"SnapshotCreationPerVolumeRateExceeded": 15}  # noqa: RUF012
    full = TOO_MANY_PENDING

    def __init__(
        self,
        call: Call,
        selection: Selection,
        request: dict[str, Any],
        retention: Retention,
        around: Quiescing,
        *,
        without_boot: bool,
    ) -> None:
        self.around = around
        super().__init__(call, retention)
        around.hurry = self.hurry
        self.selection = selection
        self.request = request
        self.without_boot = without_boot

    def targets(self) -> dict[str, Instance]:
        found = {i["InstanceId"]: i for i in find(self.call, self.selection, self.progress)}
        by_volumes: dict[int, list[str]] = defaultdict(list)
        for name, instance in found.items():
            by_volumes[self._volumes(instance)].append(name)
        empty = by_volumes.pop(0, [])
        self.progress.fail(empty, "NoVolumes", "'{id}' has no volume to snapshot")
        for count, names in by_volumes.items():
            self.progress.put(f"with {count} volumes", names)
        return {name: instance for name, instance in found.items() if name not in empty}

    def population(self) -> int:
        return population(self.call)

    def stages_of(self, todo: Each, waiting: Stage) -> list[Stage]:
        return self.around.stages(todo, waiting) if self.around else [todo, waiting]

    def begin(self, targets: dict[str, Any]) -> Verdicts:
        return self.around.plan({name: name for name in targets}) if self.around else super().begin(targets)

    def called(self, product: str) -> str:
        """A set as messages call it."""
        return "the set of snapshots"

    def describe(self, targets: list[str]) -> dict[str, Instance | Failed]:
        found = by_id(self.call, targets)
        lost = {i: Failed(code, message) for ids, code, message in found.failed for i in ids}
        return {i["InstanceId"]: i for i in found.items} | lost

    def create(self, target: Instance, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        instance = target["InstanceId"]
        tags, _ = tags_for(self.call.run, {VOLUMES_OF: instance}, [])
        answer = self.call.client("ec2").create_snapshots(
            InstanceSpecification={"InstanceId": instance, "ExcludeBootVolume": self.without_boot},
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            DryRun=dry_run,
            **self.request,
        )
        made = [{"SnapshotId": s["SnapshotId"], "VolumeId": s["VolumeId"]} for s in answer["Snapshots"]]
        return instance, {"InstanceId": instance, "Snapshots": made}

    def of_call(self) -> list[Made]:
        return self._sets(snapshots.of_call(self.call))

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        flow = tag_value(self.call.run.flow)
        wanted = {f"tag:{FLOW}": [flow], "tag-key": [VOLUMES_OF]}
        if len(targets) <= FILTER_VALUES:
            wanted[f"tag:{VOLUMES_OF}"] = targets
        # The filters are AWS's; the flow is looked at again before anything is deleted.
        standard = [s for s in search_snapshots(self.call, wanted) if s.get("StorageTier") != "archive"]
        mine = [s for s in standard if tag_map(s.get("Tags")).get(FLOW) == flow]
        found: dict[str, list[Made]] = {instance: [] for instance in targets}
        for one in sorted(self._sets(mine), key=lambda m: (m.at, m.id), reverse=True):
            if one.target in found and one.state == "completed":
                found[one.target].append(one)
        return found

    def _sets(self, found: list[Snapshot]) -> list[Made]:
        """The snapshots by the request that made them.

        Two requests of one call are told apart by the order of their snapshots of each volume: EC2 makes the second of
        a volume 15 seconds later at the earliest.
        """
        run, call = tag_value(self.call.run.id), tag_value(self.call.run.key)
        requests: dict[tuple[str, str, str], dict[str, list[Snapshot]]] = defaultdict(lambda: defaultdict(list))
        for snapshot in sorted(found, key=lambda s: (s["StartTime"], s["SnapshotId"])):
            tags = tag_map(snapshot.get("Tags"))
            request = tags.get(VOLUMES_OF, ""), tags.get(RUN, ""), tags.get(CALL, "")
            requests[request][snapshot["VolumeId"]].append(snapshot)
        sets = []
        for (instance, of_run, of_call), volumes in requests.items():
            for number in range(max(map(len, volumes.values()))):
                members = [of[number] for of in volumes.values() if number < len(of)]
                ours = (of_run, of_call, number) == (run, call, 0)
                sets.append(self._set(instance, members, ours=ours))
        return sets

    def _set(self, instance: str, members: list[Snapshot], *, ours: bool) -> Made:
        states = {s["State"] for s in members}
        unseen = ours and len(members) < self._expected.get(instance, 1) and not self._shown
        failed = [s for s in members if s["State"] == "error"]
        return Made(
            id=instance if ours else min(s["SnapshotId"] for s in members),
            target=instance,
            state="failed" if failed else "completed" if states == {"completed"} and not unseen else "pending",
            reason="; ".join(f"{s['SnapshotId']}: {s.get('StateMessage', '')}" for s in failed),
            at=min(s["StartTime"] for s in members),
            raw={"InstanceId": instance, "Snapshots": members},
        )

    @cached_property
    def _expected(self) -> dict[str, int]:
        """Instance -> of how many volumes snapshots are made; descriptions may show some of a new set before others."""
        groups = [found for name in self.state.get("ids", {}) if (found := _WITH_VOLUMES.fullmatch(name))]
        return {instance: int(group[1]) for group in groups for instance in self.progress.ids(group[0])}

    def _volumes(self, instance: Instance) -> int:
        root = instance.get("RootDeviceName") if self.without_boot else None
        return len([m for m in instance["BlockDeviceMappings"] if m["DeviceName"] != root])

    def by_id(self, products: list[str]) -> list[Made]:
        wanted = set(products)
        return [m for m in self.of_call() if m.id in wanted]

    def goes_with(self, product: Made) -> list[str]:
        """The other snapshots of a set."""
        return [s["SnapshotId"] for s in product.raw.get("Snapshots", []) if s["SnapshotId"] != product.id]

    def delete(self, product: str, *, dry_run: bool) -> None:
        delete(self.call, product, dry_run)

    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        return not_deleted(product, code, message)

    def fill(self, result: CreateSnapshotsResult, details: list[Made]) -> None:
        new = [s for m in details for s in m.raw["Snapshots"]]
        done = set(result.changed)
        kept = [s for m in self.kept() for s in m.raw["Snapshots"]]
        result.snapshot_ids = [
            s["SnapshotId"] for m in self._all(details) if m.target in done for s in m.raw["Snapshots"]
        ]
        result.snapshots = [record(s) for s in new]
        result.generations = [record(s) for s in kept]
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": list(self.state.get("about", {}).values())}]},
            "CreateSnapshotsResponse": self.state.get("answers", []),
            "DescribeSnapshotsResponse": {"Snapshots": new, "Generations": kept},
            "DeleteSnapshotResponse": [{"SnapshotId": s, "Return": True} for s in self.deleted[:SHOWN]],
        }

    def _all(self, details: list[Made]) -> list[Made]:
        """The sets of this call; all of them, where `details` are of the first alone."""
        return details if len(self.made) <= SHOWN else self.by_id(list(self.made.values()))
