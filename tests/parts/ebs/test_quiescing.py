"""`before` and `after` around snapshots: in which order, once, and that `after` runs whatever happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from lambdas.parts.ebs._shared.quiescing import WATCHED
from nightshift.compiler import compile_file
from nightshift.views.iam import statements
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, Killed, client, drive
from tests.parts.ebs.snapshots import own
from tests.parts.fleet import launch as launched
from tests.parts.managed import ManagedFleet

BUCKET = "results"
BEFORE, AFTER = "mkdir -p /data/fs; echo frozen >>/data/fs/log", "echo released >>/data/fs/log"
AROUND = {"before": BEFORE, "after": AFTER}


@pytest.fixture
def aws(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagedFleet]:
    monkeypatch.setenv("NIGHTSHIFT_RESULTS_BUCKET", BUCKET)
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET)
        fleet = ManagedFleet(tmp_path, s3_server)
        yield fleet
        for watch in tmp_path.glob("*/var/lib/nightshift/*.after"):
            watch.unlink()


@pytest.fixture
def host(aws: ManagedFleet, launch: Any) -> Any:
    """host() -> id of a running instance that Systems Manager manages."""

    def host() -> str:
        (instance,) = launch(1)
        aws.manage(instance)
        return str(instance)

    return host


def log(aws: ManagedFleet, instance: str) -> list[str]:
    """What the commands have written, with the requests for snapshots in between."""
    written = aws.disk(instance) / "data/fs/log"
    return written.read_text().split() if written.exists() else []


def note_requests(aws: ManagedFleet, instance: str, *operations: str) -> None:
    """Write the requests for snapshots into the log of the instance, too."""

    def note(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation in operations:
            with (aws.disk(instance) / "data/fs/log").open("a") as file:
                file.write("snapshot\n")

    aws.hooks.append(note)


@pytest.mark.parametrize("part", [parts.create_snapshot, parts.create_snapshots])
def test_before_the_snapshot_and_after(aws: ManagedFleet, host: Any, part: Any) -> None:
    instance = host()
    aws.takes[instance] = 5
    note_requests(aws, instance, "CreateSnapshot", "CreateSnapshots")
    outcome = drive(part, aws, {"instance_id": instance, **AROUND})
    assert log(aws, instance) == ["frozen", "snapshot", "released"]
    assert len(outcome.result["snapshot_ids"]) == 1
    assert [len(c.invocations) for c in aws.commands] == [1, 1]


def test_all_volumes_of_an_instance_are_snapshotted_while_it_is_frozen_once(
    aws: ManagedFleet, host: Any, ec2: Any
) -> None:
    one, other = host(), host()
    for device in ("/dev/sdf", "/dev/sdg"):
        volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
        ec2.attach_volume(VolumeId=volume, InstanceId=one, Device=device)
    note_requests(aws, one, "CreateSnapshot")
    result = drive(parts.create_snapshot, aws, {"instance_id": [one, other], **AROUND}).result
    assert len(result["changed"]) == 4
    assert log(aws, one) == ["frozen", *["snapshot"] * 4, "released"]
    assert log(aws, other) == ["frozen", "released"]


@pytest.mark.parametrize("part", [parts.create_snapshot, parts.create_snapshots])
def test_after_runs_when_before_fails(aws: ManagedFleet, host: Any, ec2: Any, part: Any) -> None:
    instance = host()
    params = {"instance_id": instance, "before": f"{BEFORE}; echo no lock; exit 3", "after": AFTER}
    with pytest.raises(PartFailed, match=r"BeforeFailed: `before` failed on i-\w+: exit code 3, no lock"):
        drive(part, aws, params)
    assert log(aws, instance) == ["frozen", "released"]
    assert own(ec2) == set()


@pytest.mark.parametrize("code", ["InvalidVolume.NotFound", "UnauthorizedOperation"])
@pytest.mark.parametrize("part", [parts.create_snapshot, parts.create_snapshots])
def test_after_runs_when_the_snapshot_is_refused(aws: ManagedFleet, host: Any, part: Any, code: str) -> None:
    instance = host()
    for operation in ("CreateSnapshot", "CreateSnapshots"):
        aws.faults[operation] = Fault(lambda params: (400, code, "refused"))
    with pytest.raises(PartFailed, match=code):
        drive(part, aws, {"instance_id": instance, **AROUND})
    assert log(aws, instance) == ["frozen", "released"]


@pytest.mark.parametrize("operation", ["SendCommand", "CreateSnapshot", "ListCommandInvocations"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_both_run_once_when_the_function_dies(
    aws: ManagedFleet, host: Any, ec2: Any, operation: str, moment: str
) -> None:
    instance = host()
    left = [1]

    def die(*_: Any) -> None:
        if left:
            left.pop()
            raise Killed

    aws.faults[operation] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.create_snapshot, aws, {"instance_id": instance, **AROUND})
    assert log(aws, instance) == ["frozen", "released"]
    assert own(ec2) == set(outcome.result["snapshot_ids"])
    assert len(aws.commands) == 2


def test_an_instance_that_nobody_releases_releases_itself(
    aws: ManagedFleet, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function and the run have died for good."""
    monkeypatch.setattr("lambdas.parts.ebs._shared.quiescing.WATCHED", 1)
    instance = host()
    aws.faults["CreateSnapshot"] = Fault(lambda params: (_ for _ in ()).throw(Killed()))
    with pytest.raises(AssertionError, match="not done"):
        drive(parts.create_snapshot, aws, {"instance_id": instance, **AROUND}, limit=4)
    until = time.monotonic() + 30
    while log(aws, instance) != ["frozen", "released"] and time.monotonic() < until:
        time.sleep(0.05)
    assert log(aws, instance) == ["frozen", "released"]


def test_what_could_be_requested_only_after_that_is_not(aws: ManagedFleet, host: Any, ec2: Any) -> None:
    instance = host()

    def full(params: dict[str, Any]) -> tuple[int, str, str]:
        aws.clock += WATCHED / 2
        return 400, "SnapshotCreationPerVolumeRateExceeded", "too fast"

    aws.faults["CreateSnapshot"] = Fault(full)
    with pytest.raises(PartFailed, match=r"FrozenTooLong: .* before i-\w+ released itself"):
        drive(parts.create_snapshot, aws, {"instance_id": instance, **AROUND})
    assert log(aws, instance)[-1] == "released"
    assert own(ec2) == set()


def test_an_after_that_fails_is_told(aws: ManagedFleet, host: Any, ec2: Any) -> None:
    instance = host()
    params = {"instance_id": instance, "before": BEFORE, "after": "echo stuck; exit 4"}
    with pytest.raises(PartFailed, match=r"AfterFailed: .*`after` failed on i-\w+: exit code 4, stuck"):
        drive(parts.create_snapshots, aws, params)
    assert len(own(ec2)) == 1


def test_what_cannot_run_a_command_fails_untouched(aws: ManagedFleet, host: Any, launch: Any, ec2: Any) -> None:
    good, (unmanaged,), windows = host(), launch(1), host()
    aws.managed[windows]["PlatformType"] = "Windows"
    params = {"instance_id": [good, unmanaged, windows], **AROUND, "on_failure": "continue"}
    result = drive(parts.create_snapshots, aws, params).result
    assert result["changed"] == [good]
    assert {(f["id"], f["error"]) for f in result["failed"]} == {
        (unmanaged, "NotManaged"),
        (windows, "UnsupportedPlatformType"),
    }
    loose = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    with pytest.raises(PartFailed, match="NotAttached"):
        drive(parts.create_snapshot, aws, {"volume_id": loose, **AROUND})


def test_waves_of_instances_are_frozen_one_after_the_other(aws: ManagedFleet, host: Any) -> None:
    ids = [host() for _ in range(3)]
    result = drive(parts.create_snapshots, aws, {"instance_id": ids, "at_most": 1, **AROUND}).result
    assert result["changed"] == sorted(ids)
    assert [log(aws, i) for i in ids] == [["frozen", "released"]] * 3
    assert [len(c.invocations) for c in aws.commands] == [1] * 6


def test_a_dry_run_runs_nothing(aws: ManagedFleet, host: Any, ec2: Any) -> None:
    instance = host()
    dry = drive(parts.create_snapshots, aws, {"instance_id": instance, **AROUND, "dry_run": True}).result
    assert dry["changed"] == [instance]
    assert (aws.commands, own(ec2)) == ([], set())


@pytest.mark.parametrize(
    ("given", "fault"),
    [({"after": AFTER}, "after is given without before"), ({**AROUND, "at_most": 2}, "at_most with")],
)
def test_what_goes_not_together_is_refused(aws: ManagedFleet, given: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidParameter, match=fault):
        drive(parts.create_snapshot, aws, {"instance_id": "i-0123456789abcdef0", **given})
    assert not aws.calls


@pytest.mark.parametrize(("given", "granted"), [("", False), (', before="sync"', True)])
def test_only_flows_that_give_a_command_may_send_one(tmp_path: Path, given: str, granted: bool) -> None:
    file = tmp_path / "saved.py"
    file.write_text(
        "from lambdas.parts import ebs\nfrom nightshift import flow\n\n\n@flow\ndef saved():\n"
        f'    return ebs.create_snapshot(instance_tag="Role=database"{given})\n'
    )
    flows = compile_file(file)
    allowed = {action for one in statements(parts.create_snapshot, flows) for action in one["Action"]}
    assert ("ssm:SendCommand" in allowed) is granted


def _frozen(aws: FaultyAws, **given: str) -> dict[str, Any]:
    ids = launched(2)
    aws.manage(*ids)
    return {"instance_id": ids, "before": "sync", "after": "true", **given}


SCENARIOS = [
    Scenario("around", "ebs.create_snapshot", _frozen),
    Scenario("around", "ebs.create_snapshots", _frozen),
]
