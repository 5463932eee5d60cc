"""ebs.create_snapshot: a completed snapshot of each volume, and the newest generations kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.rotation import Rotating
from lambdas.engine.selection import FILTER_VALUES, Selection, parse_ids, parse_tags, timestamp
from lambdas.engine.stages import Each, Failed, Stage, Verdict, Verdicts
from lambdas.engine.tags import tags_for
from lambdas.parts.ebs._shared import snapshots
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS, VOLUMES
from lambdas.parts.ebs._shared.quiescing import ALLOWED, HINTS, Quiescing
from lambdas.parts.ebs._shared.snapshots import VOLUME, SnapshotRecord, check_description, made, record
from lambdas.parts.ebs._shared.volumes import Volume, VolumeRecord, by_id, find_volumes, population
from lambdas.parts.ebs._shared.volumes import record as volume_record
from lambdas.parts.ec2._shared.images import AGAIN, TOO_MANY_PENDING, delete, not_deleted, snapshots_by_id


@dataclass
class CreateSnapshotResult(MakingResult):
    """Result of ebs.create_snapshot.

    matched: ids of the selected volumes.
    changed: ids of the volumes that have a new, completed snapshot.
    snapshot_ids: ids of the new snapshots, each completed.
    snapshots: the new snapshots (the first 100).
    generations: the completed snapshots of this flow that are kept, the newest first (the first 100).
    volumes: the selected volumes (the first 100).
    deleted: ids of the snapshots deleted by rotation.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)
    generations: list[SnapshotRecord] = field(default_factory=list)
    volumes: list[VolumeRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSnapshots")),
        Allow(("ec2:CreateSnapshot",), VOLUMES),
        Allow(("ec2:CreateSnapshot",), SNAPSHOTS, {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), SNAPSHOTS, {"StringEquals": {"ec2:CreateAction": "CreateSnapshot"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:flow": "?*"}}),
        *ALLOWED,
    ),
    cost="Storage of what has changed since the snapshot before. `generation` or `keep` bounds it; what they delete "
    "and a rule of Recycle Bin retains is billed until it leaves there.",
    hints=HINTS,
    timeout="6h",
    interval=15,
    one_of=(("instance_id", "instance_tag", "volume_id", "volume_tag"),),
)
def create_snapshot(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    instance_tag: str | list[str] | None = None,
    volume_id: str | list[str] | None = None,
    volume_tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    description: str = "",
    generation: int | None = None,
    keep: str | None = None,
    daily: int | None = None,
    weekly: int | None = None,
    monthly: int | None = None,
    before: str = "",
    after: str = "",
    **common: Unpack[Changing],
) -> CreateSnapshotResult | Pending:
    """Snapshot volumes, wait until the snapshots are completed, and keep the newest generations.

    The volumes of the selected instances and the selected volumes add up; each is snapshotted once. An id and a tag of
    the same kind narrow each other. A snapshot gets the tags of its volume, and nightshift:flow, nightshift:run,
    nightshift:call and nightshift:volume.

    Rotation: when the new snapshot of a volume is completed, the completed snapshots that this flow made of this
    volume are looked at, and those that no parameter keeps are deleted. Snapshots of other flows, made by hand
    or in the archive tier never are. One that is in use (by an AMI), locked or managed by AWS Backup is kept and
    reported under `skipped`.

    Application-consistent: with `before` and `after`, which Systems Manager runs on the instances (Linux), an instance
    is frozen while its snapshots are requested, a few seconds. `after` runs in any case: should the function or the run
    end in between, the instance itself runs it after five minutes, and what is not requested by then fails.

    Quotas on pending snapshots, five for a volume and one in 15 seconds, delay the rest; they fail nothing
    (Amazon EBS User Guide, "Amazon EBS quotas").

    Parameters:
    instance_id: ids of instances, all of whose volumes are taken, as a list or as "i-1;i-2".
    instance_tag: "Backup=nightly", or a list of which all must match, of instances; `*` and `?` are wildcards.
    volume_id: ids of volumes, as a list or as "vol-1;vol-2".
    volume_tag: "Backup=nightly", or a list of which all must match, of volumes; `*` and `?` are wildcards.
    exclude_tag: instances and volumes with one of these tags are left alone.
    description: description of the snapshots, at most 255 characters; default: names the flow and the run.
    generation: newest completed snapshots to keep of each volume, at least 1. Without generation, keep, daily, weekly
        and monthly all are kept.
    keep: keep those that are not older, such as "30d".
    daily: keep the newest of each of the last so many days (UTC) in which there is one.
    weekly: the same of weeks, which begin on Monday.
    monthly: the same of months.
    before: shell commands to run as root on each instance before its snapshots are requested, such as
        "fsfreeze -f /data"; at most four minutes. Never freeze the file system of / or /var.
    after: shell commands to run there afterwards, also when `before` or the snapshots have failed: "fsfreeze -u /data".

    Result: CreateSnapshotResult.

    Errors:
    PartFailed: an instance or volume does not exist, a snapshot ended in error, or an old one could not be deleted.
    PartTimeout: a snapshot was not completed when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not create snapshots.
    InvalidParameter: no selection is given, generation, daily, weekly or monthly is less than 1, or
        keep is no duration; after is given without before, or before with at_most or max_failures.

    Example:
        from lambdas.parts import ebs, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 1 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def snapshots_of_the_night():
            \"\"\"Snapshot all volumes of the tagged instances, keep seven days, four weeks and twelve months.\"\"\"
            made = ebs.create_snapshot(
                instance_tag="Backup=nightly",
                daily=7,
                weekly=4,
                monthly=12,
                on_failure="continue",
            )
            if made.failed:
                notify.email(to="ops@example.com", result=made)
    """
    retention = Retention(generation, keep, daily, weekly, monthly)
    check_description(description)
    instances = _selection(instance_id, instance_tag, exclude_tag, "instance_tag")
    volumes = _selection(volume_id, volume_tag, exclude_tag, "volume_tag")
    if instances is None and volumes is None:
        raise InvalidParameter("give instance_id, instance_tag, volume_id or volume_tag; without, nothing is selected")
    around = Quiescing(call, before, after)
    if around and (rails := sorted({"at_most", "max_failures"} & set(common))):
        raise InvalidParameter(
            f"{', '.join(rails)} with before: the volumes of an instance are snapshotted together. Leave it out, or "
            "use ebs.create_snapshots"
        )
    text = description or f"{call.run.flow} {call.run.started}".strip()
    return Snapshotting(call, instances, volumes, text, retention, around).run()


def _selection(
    ids: str | list[str] | None, tags: str | list[str] | None, exclude: str | list[str] | None, name: str
) -> Selection | None:
    chosen, patterns = parse_ids(ids), parse_tags(tags, name)
    if chosen is None and not patterns:
        return None
    return Selection(chosen, patterns, parse_tags(exclude, "exclude_tag"))


class Snapshotting(Rotating[CreateSnapshotResult]):
    """Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API"; Amazon EBS User Guide, "Amazon EBS quotas"."""

    verb, done, noun, product, products = "snapshot", "snapshotted", "volume", "snapshot", "snapshots"
    result = CreateSnapshotResult
    gone = "InvalidSnapshot.NotFound"
    again = frozenset({AGAIN})
    busy = {"SnapshotCreationPerVolumeRateExceeded": 15}  # noqa: RUF012
    full = TOO_MANY_PENDING

    def __init__(
        self,
        call: Call,
        instances: Selection | None,
        volumes: Selection | None,
        description: str,
        retention: Retention,
        around: Quiescing,
    ) -> None:
        self.around = around
        super().__init__(call, retention)
        around.hurry = self.hurry
        self.instances, self.volumes = instances, volumes
        self.description = description

    def targets(self) -> dict[str, Volume]:
        found, hosts = find_volumes(self.call, self.instances, self.volumes, self.progress)
        kept = ("InstanceId", "BlockDeviceMappings", "Tags")
        self.state["instances"] = [{k: i[k] for k in kept if k in i} for i in hosts[:SHOWN]]
        return {v["VolumeId"]: v for v in found}

    def population(self) -> int:
        return population(self.call)

    def stages_of(self, todo: Each, waiting: Stage) -> list[Stage]:
        return self.around.stages(todo, waiting) if self.around else [todo, waiting]

    def begin(self, targets: dict[str, Any]) -> Verdicts:
        attached = {name: [a["InstanceId"] for a in volume["Attachments"]] for name, volume in targets.items()}
        hosts = {name: next(iter(instances), "") for name, instances in attached.items()}
        return self.around.plan(hosts) if self.around else super().begin(targets)

    def describe(self, targets: list[str]) -> dict[str, Volume | Failed]:
        found = by_id(self.call, targets)
        lost = {i: Failed(code, message) for ids, code, message in found.failed for i in ids}
        return {v["VolumeId"]: v for v in found.items} | lost

    def create(self, target: Volume, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        tags, dropped = tags_for(self.call.run, {VOLUME: target["VolumeId"]}, target.get("Tags"))
        answer = self.call.client("ec2").create_snapshot(
            VolumeId=target["VolumeId"],
            Description=self.description,
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            DryRun=dry_run,
        )
        if dropped:
            self.warn(f"{target['VolumeId']}: {dropped} of its tags did not fit the 50 tags of a snapshot")
        kept = ("SnapshotId", "VolumeId", "State", "VolumeSize", "Description")
        short = {k: answer[k] for k in kept if k in answer}
        return answer["SnapshotId"], {**short, "StartTime": timestamp(answer["StartTime"])}

    def of_call(self) -> list[Made]:
        return [_made(s) for s in snapshots.of_call(self.call)]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        found: dict[str, list[Made]] = {volume: [] for volume in targets}
        narrow = {"volume-id": targets} if len(targets) <= FILTER_VALUES else {}
        for snapshot, tags in snapshots.completed_of_flow(self.call, narrow):
            volume = snapshot["VolumeId"]
            if volume in found and tags.get(VOLUME) == volume:
                found[volume].append(_made(snapshot))
        return found

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(s) for s in snapshots_by_id(self.call, products)]

    def delete(self, product: str, *, dry_run: bool) -> None:
        delete(self.call, product, dry_run)

    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        return not_deleted(product, code, message)

    def fill(self, result: CreateSnapshotResult, details: list[Made]) -> None:
        kept = self.kept()
        result.snapshot_ids = [self.made[v] for v in result.changed if v in self.made]
        result.snapshots = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in kept]
        about = list(self.state.get("about", {}).values())
        result.volumes = [volume_record(v) for v in about]
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": self.state.get("instances", [])}]},
            "DescribeVolumesResponse": {"Volumes": about},
            "CreateSnapshotResponse": self.state.get("answers", []),
            "DescribeSnapshotsResponse": {"Snapshots": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "SnapshotResult": _by_volume(details, kept),
            "DeleteSnapshotResponse": [{"SnapshotId": s, "Return": True} for s in self.deleted[:SHOWN]],
        }


def _made(snapshot: dict[str, Any]) -> Made:
    return made(snapshot, of=snapshot["VolumeId"])


def _by_volume(details: list[Made], kept: list[Made]) -> list[dict[str, Any]]:
    """For mail templates, which cannot group: each volume with its new snapshot and the generations kept."""
    return [
        {
            "VolumeId": new.target,
            "SnapshotId": new.id,
            "Generations": [m.raw for m in kept if m.target == new.target],
        }
        for new in details
    ]
