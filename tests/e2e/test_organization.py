"""`nightshift up --organization`: a local AWS that is the hub of two members, whose role follows the flows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightshift.cli.project.starting import init
from nightshift.local import LocalAws, down, up
from nightshift.local.sessions import LocalSession
from tests.e2e.runs import finished, start

pytestmark = pytest.mark.e2e

FLOW = """
from lambdas.parts import ec2
from nightshift import flow


@flow(timeout="1h")
def evening_stop():
    return ec2.stop_instances(
        tag="AutoOff=yes",
        accounts="*",
        regions=["ap-northeast-1", "eu-west-1"],
        at_most=3,
        max_failures=2,
        on_failure="continue",
        interval=1,
    ).report
"""
MORE = FLOW.replace("ec2.stop_instances", "ec2.reboot_instances").replace("evening_stop", "reboot")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project of one's own with one flow."""
    init(tmp_path, None)
    shutil.rmtree(tmp_path / "flow_defs")
    (tmp_path / "flow_defs").mkdir()
    (tmp_path / "flow_defs/stop.py").write_text(FLOW)
    try:
        yield tmp_path
    finally:
        down(tmp_path)


def states(local: LocalAws, account: str) -> dict[str, str]:
    """The states of the instances of an account in both Regions, by Region and name."""
    found: dict[str, str] = {}
    for region in ("ap-northeast-1", "eu-west-1"):
        ec2: Any = LocalSession(local.endpoints, account, region).create_client("ec2")
        for reservation in ec2.describe_instances()["Reservations"]:
            for instance in reservation["Instances"]:
                name = next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "Name")
                found[f"{region} {name}"] = instance["State"]["Name"]
    return found


def test_a_hub_acts_in_its_members_and_their_role_follows_the_flows(project: Path) -> None:
    said: list[str] = []
    local = up(project, organization=True, fleet=False, context={"dashboard": "false"}, on_event=said.append)
    assert "Made an organization with the members web and lab" in said
    assert "Deployed the role of members to web and lab" in said
    ended = finished(local, start(local, "evening_stop"))
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    assert json.loads(ended["output"]).startswith("6 of 6 done, 0 failed, 0 not started\nDone: ")
    organizations: Any = local.session().client("organizations")
    members = [one["Id"] for one in organizations.list_accounts()["Accounts"] if one["Name"] in ("web", "lab")]
    for account in members:
        assert {(name[-1], state) for name, state in states(local, account).items()} == {
            ("1", "stopped"),
            ("2", "running"),
        }
    said.clear()
    up(project, organization=True, fleet=False, context={"dashboard": "false"}, on_event=said.append)
    assert not [text for text in said if "role of members" in text], "the flows need nothing else there"
    (project / "flow_defs/more.py").write_text(MORE)
    up(project, organization=True, fleet=False, context={"dashboard": "false"}, on_event=said.append)
    assert "Deployed the role of members to web and lab" in said
