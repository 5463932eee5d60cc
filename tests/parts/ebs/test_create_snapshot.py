"""ebs.create_snapshot: which volumes, quotas, and one snapshot of each whatever crashes."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times
from tests.parts.ebs.snapshots import night, old_snapshot
from tests.parts.ebs.snapshots import volumes_of as volumes_in
from tests.parts.fleet import launch as launched
from tests.parts.unkind import Unkind

pytestmark = pytest.mark.usefixtures("start_times")


def test_all_volumes_of_the_tagged_instances(aws: TestAws, launch: Any, volumes_of: Any, existing: Any) -> None:
    Unkind(aws, snapshot=60)
    ids = launch(2, Backup="nightly")
    launch(1)
    volumes = volumes_of(ids)
    outcome = drive(parts.create_snapshot, aws, {"instance_tag": "Backup=nightly"})
    assert outcome.result["changed"] == volumes
    assert sorted(outcome.result["snapshot_ids"]) == sorted(existing(*volumes))
    assert {s["state"] for s in outcome.result["snapshots"]} == {"completed"}
    assert sum(outcome.waits) >= 60
    assert outcome.result["summary"] == "2 volumes snapshotted"


def test_instances_and_volumes_add_up_without_repetition(
    aws: TestAws, launch: Any, volumes_of: Any, make_volume: Any
) -> None:
    by_id, by_tag = launch(1), launch(1, Backup="nightly")
    loose, tagged = make_volume(), make_volume(Backup="nightly")
    params = {"instance_id": by_id, "volume_id": [loose, *volumes_of(by_id)]}
    outcome = drive(parts.create_snapshot, aws, params)
    assert outcome.result["changed"] == sorted([loose, *volumes_of(by_id)])
    params = {"instance_tag": "Backup=nightly", "volume_tag": "Backup=nightly"}
    outcome = drive(parts.create_snapshot, aws, params, run=night(2))
    assert outcome.result["changed"] == sorted([tagged, *volumes_of(by_tag)])
    outcome = drive(
        parts.create_snapshot, aws, {"volume_id": [loose, tagged], "volume_tag": "Backup=nightly"}, run=night(3)
    )
    assert outcome.result["changed"] == [tagged]


def test_excluded_instances_and_volumes_are_left_alone(aws: TestAws, ec2: Any, launch: Any, volumes_of: Any) -> None:
    ids = launch(3, Backup="nightly")
    ec2.create_tags(Resources=[ids[0], volumes_of(ids[1:2])[0]], Tags=[{"Key": "NoBackup", "Value": "1"}])
    outcome = drive(parts.create_snapshot, aws, {"instance_tag": "Backup=nightly", "exclude_tag": "NoBackup"})
    assert outcome.result["changed"] == volumes_of(ids[2:])
    assert {s["id"] for s in outcome.result["skipped"]} == {ids[0], volumes_of(ids[1:2])[0]}


def test_tags_travel_in_the_creating_call(aws: TestAws, ec2: Any, make_volume: Any, existing: Any) -> None:
    volume = make_volume(Name="data", Owner="ops", **{"aws:backup:source": "x"})
    drive(parts.create_snapshot, aws, {"volume_id": volume, "description": "before the release"})
    snapshot = ec2.describe_snapshots(SnapshotIds=existing(volume))["Snapshots"][0]
    tags = {t["Key"]: t["Value"] for t in snapshot["Tags"]}
    assert tags == {
        "nightshift:flow": "night",
        "nightshift:run": RUN.id,
        "nightshift:call": "step_1/1",
        "nightshift:volume": volume,
        "Name": "data",
        "Owner": "ops",
    }
    assert snapshot["Description"] == "before the release"
    assert aws.count()["CreateTags"] == 0


def test_more_tags_than_fit_are_dropped_with_a_warning(aws: TestAws, make_volume: Any) -> None:
    volume = make_volume(**{f"tag{n}": "x" for n in range(50)})
    outcome = drive(parts.create_snapshot, aws, {"volume_id": volume})
    assert len(aws.made("CreateSnapshot")[0]["TagSpecifications"][0]["Tags"]) == 50
    assert outcome.result["warnings"] == [f"{volume}: 4 of its tags did not fit the 50 tags of a snapshot"]


@pytest.mark.parametrize(
    "code",
    [
        "ConcurrentSnapshotLimitExceeded",
        "PendingSnapshotLimitExceeded",
        "RequestLimitExceeded",
        "SnapshotCreationPerVolumeRateExceeded",
    ],
)
def test_quotas_on_pending_snapshots_queue(aws: TestAws, make_volume: Any, existing: Any, code: str) -> None:
    volumes = [make_volume(Backup="nightly") for _ in range(3)]
    aws.faults["CreateSnapshot"] = times(2, (400, code, "Wait"))
    outcome = drive(parts.create_snapshot, aws, {"volume_tag": "Backup=nightly"})
    assert outcome.result["changed"] == sorted(volumes)
    assert len(existing(*volumes)) == 3


def test_five_pending_snapshots_at_a_time(aws: TestAws, make_volume: Any, existing: Any) -> None:
    unkind = Unkind(aws, snapshot=100)
    volumes = [make_volume(Backup="nightly") for _ in range(12)]

    def quota(params: dict[str, Any]) -> tuple[int, str, str] | None:
        pending = sum(aws.now() - t < unkind.snapshot for t in unkind.created.values())
        return (400, "PendingSnapshotLimitExceeded", "5 pending") if pending >= 5 else None

    aws.faults["CreateSnapshot"] = Fault(quota)
    outcome = drive(parts.create_snapshot, aws, {"volume_tag": "Backup=nightly"})
    assert outcome.result["changed"] == sorted(volumes)
    assert len(existing(*volumes)) == 12


@pytest.mark.parametrize("killed", range(1, 6))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_at_any_create_leaves_one_snapshot_for_each_volume(
    aws: TestAws, make_volume: Any, existing: Any, killed: int, moment: str
) -> None:
    volumes = [make_volume(Backup="nightly") for _ in range(5)]
    left = [killed]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["CreateSnapshot"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.create_snapshot, aws, {"volume_tag": "Backup=nightly", "generation": 2})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(volumes)
    assert [len(existing(v)) for v in volumes] == [1] * 5
    # What the dead worker made was taken over: nothing was made twice and cleared up.
    assert outcome.result["deleted"] == []


def test_a_snapshot_not_visible_yet_after_a_crash_is_not_left_double(
    aws: TestAws, make_volume: Any, existing: Any
) -> None:
    """Descriptions lag: the repeated invocation cannot see what the dead one made, makes another, and clears up."""
    volume = make_volume()
    deaths = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    def lag(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeSnapshots" and aws.now() < start + 30:
            answer["Snapshots"] = []

    start = aws.now()
    aws.faults["CreateSnapshot"] = Fault(after=die)
    aws.hooks.append(lag)
    outcome = drive(parts.create_snapshot, aws, {"volume_id": volume, "interval": 20})
    assert aws.count()["CreateSnapshot"] == 2
    assert existing(volume) == outcome.result["snapshot_ids"]
    assert len(outcome.result["deleted"]) == 1


def test_a_lost_answer_to_create_is_looked_up_not_repeated(aws: TestAws, make_volume: Any, existing: Any) -> None:
    from botocore.exceptions import ReadTimeoutError

    volumes = [make_volume(Backup="nightly") for _ in range(2)]
    lost = [1]

    def lose(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if lost:
            lost.pop()
            raise ReadTimeoutError(endpoint_url="https://ec2")

    aws.faults["CreateSnapshot"] = Fault(after=lose)
    outcome = drive(parts.create_snapshot, aws, {"volume_tag": "Backup=nightly"})
    assert outcome.result["changed"] == sorted(volumes)
    assert [len(existing(v)) for v in volumes] == [1, 1]


def test_a_bad_volume_id_does_not_stop_the_others(aws: TestAws, make_volume: Any) -> None:
    volume = make_volume()
    params = {"volume_id": f"{volume};vol-0aaaaaaaaaaaaaaa1", "on_failure": "continue"}
    result = drive(parts.create_snapshot, aws, params).result
    assert result["changed"] == [volume]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [("vol-0aaaaaaaaaaaaaaa1", "InvalidVolume.NotFound")]


def test_a_volume_deleted_after_the_plan_fails_alone(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    keep, gone = make_volume(Backup="nightly"), make_volume(Backup="nightly")

    def delete(invocation: int) -> None:
        if invocation == 1:
            ec2.delete_volume(VolumeId=gone)

    params = {"volume_tag": "Backup=nightly", "on_failure": "continue"}
    result = drive(parts.create_snapshot, aws, params, before=delete).result
    assert result["changed"] == [keep]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(gone, "InvalidVolume.NotFound")]


def test_a_snapshot_deleted_while_pending_fails(aws: TestAws, ec2: Any, make_volume: Any, existing: Any) -> None:
    Unkind(aws, snapshot=100_000)
    volume = make_volume()

    def delete(invocation: int) -> None:
        if invocation == 3:
            ec2.delete_snapshot(SnapshotId=existing(volume)[0])

    with pytest.raises(PartFailed, match=r"InvalidSnapshot\.NotFound"):
        drive(parts.create_snapshot, aws, {"volume_id": volume}, before=delete)


def test_a_snapshot_that_takes_too_long_is_no_success(aws: TestAws, make_volume: Any) -> None:
    Unkind(aws, snapshot=100_000)
    volume = make_volume()
    with pytest.raises(PartTimeout, match=volume):
        drive(parts.create_snapshot, aws, {"volume_id": volume, "timeout": "30m"})


def test_dry_run_changes_nothing_and_lists_what_the_real_run_changes(
    aws: TestAws, make_volume: Any, existing: Any
) -> None:
    volumes = [make_volume(Backup="nightly") for _ in range(2)]
    params = {"volume_tag": "Backup=nightly", "generation": 2}
    for number in range(2):
        aws.clock += 60
        drive(parts.create_snapshot, aws, params, run=night(number))
    before = existing(*volumes)
    dry = drive(parts.create_snapshot, aws, params, run=night(8, dry_run=True)).result
    assert existing(*volumes) == before
    real = drive(parts.create_snapshot, aws, params, run=night(9)).result
    for key in ("matched", "changed", "skipped", "failed"):
        assert dry[key] == real[key], key
    assert sorted(dry["deleted"]) == sorted(real["deleted"])
    assert dry.keys() == real.keys()
    assert dry["summary"] == "would snapshot 2 volumes; would delete 2 old snapshots"


def test_dry_run_tells_what_would_fail(aws: TestAws, make_volume: Any) -> None:
    good, bad = make_volume(Backup="nightly"), make_volume(Backup="nightly")
    refused = (400, "IncorrectState", "The volume is in error")
    aws.faults["CreateSnapshot"] = Fault(lambda p: refused if p["VolumeId"] == bad else None)
    params = {"volume_tag": "Backup=nightly", "dry_run": True, "on_failure": "continue"}
    result = drive(parts.create_snapshot, aws, params).result
    assert result["changed"] == [good]
    assert result["failed"][0]["id"] == bad


def test_a_missing_permission_is_named(aws: TestAws, make_volume: Any) -> None:
    make_volume(Backup="nightly")
    aws.faults["CreateSnapshot"] = Fault(lambda p: (403, "UnauthorizedOperation", "not authorized"))
    with pytest.raises(AccessDenied, match="may not snapshot volumes"):
        drive(parts.create_snapshot, aws, {"volume_tag": "Backup=nightly"})


@pytest.mark.parametrize(
    "params",
    [{}, {"volume_id": ""}, {"volume_id": "vol-1", "generation": 0}, {"exclude_tag": "A"}, {"volume_tag": "="}],
)
def test_useless_parameters_are_refused(aws: TestAws, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.create_snapshot, aws, params)


def test_the_number_of_calls(aws: TestAws, launch: Any) -> None:
    Unkind(aws, snapshot=10)
    launch(3, Backup="nightly")
    drive(parts.create_snapshot, aws, {"instance_tag": "Backup=nightly", "generation": 1})
    assert aws.count() == {
        "DescribeInstances": 1,
        "DescribeVolumes": 1,
        "CreateSnapshot": 3,
        # What a lost invocation may have made, whether they are completed, the generations; the details, what is left.
        "DescribeSnapshots": 5,
    }


def test_an_invocation_that_runs_out_of_time_hands_on_the_rest(aws: TestAws, make_volume: Any, existing: Any) -> None:
    volumes = [make_volume(Backup="nightly") for _ in range(3)]
    aws.left = 10
    outcome = drive(parts.create_snapshot, aws, {"volume_tag": "Backup=nightly", "generation": 1})
    assert outcome.result["changed"] == sorted(volumes)
    assert [len(existing(v)) for v in volumes] == [1] * 3


def two_generations(aws: FaultyAws) -> dict[str, Any]:
    ids = launched(2, Backup="nightly")
    for volume in volumes_in(ids):
        old_snapshot(volume, 1)
        for day in (2, 3):
            old_snapshot(volume, day, **{"nightshift:flow": "swept", "nightshift:volume": volume})
    Unkind(aws, snapshot=15)
    return {"instance_tag": "Backup=nightly", "generation": 2}


def by_volume(aws: FaultyAws) -> dict[str, Any]:
    return {"volume_id": volumes_in(launched(1)), "description": "by hand"}


SCENARIOS = [
    Scenario("two generations", "ebs.create_snapshot", two_generations),
    Scenario("by volume", "ebs.create_snapshot", by_volume),
]
