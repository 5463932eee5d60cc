"""The flow patch_servers on a fleet in the process: whom it patches and reboots, and what it says of failures."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from nightshift import Failed, NoMatch, PartTimeout
from nightshift.local.seed import Machine
from nightshift.testing import Fleet, dry_run, run, simulate
from nightshift.testing.fleet import running_fleet

patch_servers = import_module("flow_defs.patch_servers").patch_servers
ROOT = Path(__file__).parents[2]
SERVERS = tuple(Machine(f"web-{n}", {"PatchGroup": "web"}) for n in (1, 2, 3))
OTHERS = (Machine("web-4", {"PatchGroup": "web"}, running=False), Machine("db-1", {"PatchGroup": "db"}))
MONTHLY = """
from flow_defs.patch_servers import patch_servers
from nightshift import cron, flow


@flow(schedule=cron("0 3 ? * SUN#2 *", timezone="UTC"), timeout="12h")
def patch_the_web_servers():
    patch_servers(group="web", at_most="1")
"""
FLEET = """
from nightshift.testing import Machine

FLEET = [Machine(f"web-{n}", {"PatchGroup": "web"}, sizes=(8,)) for n in (1, 2)]
"""


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with running_fleet((*SERVERS, *OTHERS)) as running:
        yield running


def states(fleet: Fleet) -> list[tuple[int, int, int]]:
    """Missing, pending and installed patches of each server of the group."""
    ssm: Any = fleet.aws.client("ssm")
    told = ssm.describe_instance_patch_states_for_patch_group(PatchGroup="web")["InstancePatchStates"]
    return [(s["MissingCount"], s["InstalledPendingRebootCount"], s["InstalledCount"]) for s in told]


def rebooted(fleet: Fleet) -> int:
    """How many instances were rebooted."""
    return sum((action, refused) == ("RebootInstances", "") for _, action, refused in fleet.world.calls)


def test_running_servers_are_snapshotted_patched_and_rebooted(fleet: Fleet) -> None:
    done = run(patch_servers, at_most="1")
    assert done.value == [f"{fleet.instance(server.name).id} has 3 patches, and lacks 0" for server in SERVERS]
    assert states(fleet) == [(0, 0, 3)] * 3
    assert [len(fleet.snapshots(of=f"web-{n}")) for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert rebooted(fleet) == 3
    assert fleet.instance("web-4").state == "stopped"
    (mail,) = done.mails
    assert mail.subject == "3 servers of the group web are patched"


def test_after_an_installation_that_fails_nothing_is_rebooted(fleet: Fleet) -> None:
    fleet.fault("command_fails", "web-1", message="no space left")
    with pytest.raises(Failed, match="Install of the patch group web: Failed"):
        run(patch_servers, at_most="1", max_failures="0")
    assert rebooted(fleet) == 0
    assert fleet.last is not None
    (mail,) = fleet.last.mails
    assert mail.subject == "patching the group web failed"


def test_after_a_reboot_that_fails_the_next_server_is_left_alone(fleet: Fleet) -> None:
    second = sorted(fleet.instance(server.name).id for server in SERVERS)[1]
    fleet.fault("impaired", fleet.instance(second).name)
    with pytest.raises(PartTimeout, match=second):
        run(patch_servers)
    assert rebooted(fleet) == 2
    assert states(fleet) == [(0, 3, 0)] * 3


def test_a_group_without_servers_fails(fleet: Fleet) -> None:
    with pytest.raises(NoMatch):
        run(patch_servers, group="wbe")
    fleet.aws.client("ec2").stop_instances(InstanceIds=[fleet.instance("db-1").id])
    fleet.wait(600)
    with pytest.raises(Failed, match="no server of the patch group db runs"):
        run(patch_servers, group="db")


def test_a_dry_run_changes_nothing(fleet: Fleet) -> None:
    done = dry_run(patch_servers)
    assert (done.value, rebooted(fleet), states(fleet)) == ([], 0, [])
    assert [len(fleet.snapshots(of=f"web-{n}")) for n in (1, 2, 3)] == [0, 0, 0]


def test_a_flow_with_a_schedule_patches_each_month(tmp_path: Path) -> None:
    """As docs/aws-call.md shows it; the flow itself has none, so that the year of the shipped flows is as it was."""
    for name, text in (
        ("flow_defs/monthly.py", MONTHLY),
        ("flow_defs/patch_servers.py", (ROOT / "flow_defs/patch_servers.py").read_text(encoding="utf-8")),
        ("tests/fleet.py", FLEET),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = simulate(tmp_path / "flow_defs", first="2026-01-01", days=59)
    assert report.failures() == []
    patched, monthly = report.flows()
    assert (patched.flow, patched.runs, monthly.runs) == ("patch_servers", 2, 2)
    assert patched.changed["ec2.reboot_instances"] == 4
    assert patched.changed["ebs.create_snapshot"] == 4
