"""A part with accounts= and regions=: where it acts, what a rail leaves, and what it refuses, both ways a flow runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.parts import ec2
from nightshift import local_run
from nightshift.compiler import compile_file
from tests.faults.machine import execute
from tests.parts.driver import Fault, TestAws, client
from tests.parts.flow_files import loaded
from tests.parts.organizations.test_list_accounts import organization

HOME, AWAY = "us-east-1", "eu-west-1"
FLOW = """
from lambdas.parts import ec2
from nightshift import accounts, flow


@flow
def everywhere() -> dict[str, object]:
    made = ec2.stop_instances(tag="Env=dev", {given})
    return {{"results": made.results, "report": made.report, "left": [t.region for t in made.left]}}
"""
Place = tuple[str, str]


def role(account: str) -> str | None:
    return None if account == "123456789012" else f"arn:aws:iam::{account}:role/nightshift-member"


@pytest.fixture
def places(aws: TestAws) -> dict[Place, str]:
    """An instance in each of two Regions of the hub, web, db and lab: by name and Region."""
    made = {"hub": "123456789012", **organization(client("organizations"))}
    del made["other"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Env", "Value": "dev"}]}]
    launched = {}
    for name, account in made.items():
        for region in (HOME, AWAY):
            ec2_client = aws.client("ec2", region=region, role_arn=role(account))
            answer = ec2_client.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, TagSpecifications=tags)
            launched[name, region] = answer["Instances"][0]["InstanceId"]
    aws.calls.clear()
    return launched


def ends(how: str, aws: TestAws, folder: Path, given: str, *, dry_run: bool = False) -> tuple[Any, str, str]:
    """What the flow returns, and its error and cause."""
    file = folder / "everywhere.py"
    file.write_text(FLOW.format(given=given))
    if how == "compiled":
        (flow,) = compile_file(file)
        ended = execute(flow.definition, aws, {"nightshift": {"dry_run": dry_run}})
        return ended.result, ended.error, ended.cause
    module = loaded(file)
    try:
        with local_run(aws=aws, dry_run=dry_run, sleep=lambda s: None):
            return module.everywhere(), "", ""
    except NightshiftError as error:
        return {}, error.error, error.cause


def touched(aws: TestAws, places: dict[Place, str]) -> set[Place]:
    asked = {instance for call in aws.made("StopInstances") for instance in call["InstanceIds"]}
    return {place for place, instance in places.items() if instance in asked}


@pytest.mark.parametrize("how", ["cpython", "compiled"])
def test_a_part_in_accounts_and_regions(aws: TestAws, places: dict[Place, str], tmp_path: Path, how: str) -> None:
    given = f'accounts="prod", regions=["{HOME}", "{AWAY}"], at_most=3'
    result, error, cause = ends(how, aws, tmp_path, given)
    assert (error, cause) == ("", "")
    assert touched(aws, places) == {(name, region) for name in ("web", "db") for region in (HOME, AWAY)}
    assert len(result["results"]) == 4
    assert all(line.endswith("): 1 instance stopped") or ": 1 instance stopped" in line for line in result["results"])
    assert result["report"].startswith("4 of 4 done, 0 failed, 0 not started\nDone: ")


@pytest.mark.parametrize("how", ["cpython", "compiled"])
@pytest.mark.parametrize("regions", [f'"{HOME};{AWAY}"', f'["{HOME}", "{AWAY}"]'])
def test_regions_alone_are_those_of_the_own_account(
    aws: TestAws, places: dict[Place, str], tmp_path: Path, how: str, regions: str
) -> None:
    result, error, cause = ends(how, aws, tmp_path, f"regions={regions}")
    assert (error, cause) == ("", "")
    assert touched(aws, places) == {("hub", HOME), ("hub", AWAY)}
    assert aws.count()["ListAccounts"] == aws.count()["AssumeRole"] == 0
    assert result["results"] == [f"{region}: 1 instance stopped" for region in (HOME, AWAY)]
    assert result["report"] == f"2 of 2 done, 0 failed, 0 not started\nDone: {HOME}, {AWAY}"


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("how", ["cpython", "compiled"])
def test_a_rail_counts_account_regions(
    aws: TestAws, places: dict[Place, str], tmp_path: Path, how: str, dry_run: bool
) -> None:
    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        return (400, "OperationNotPermitted", "frozen") if params["InstanceIds"] == [places["hub", HOME]] else None

    aws.faults["StopInstances"] = Fault(do)
    given = f'regions=["{HOME}", "{AWAY}"], at_most=1, max_failures=0'
    _, error, cause = ends(how, aws, tmp_path, given, dry_run=dry_run)
    assert error == "FanOutStopped"
    failed = "would fail" if dry_run else "failed"
    assert f"first PartFailed: {HOME}: ec2.stop_instances: 1 of 1 resources {failed}" in cause
    assert cause.endswith(f"not started: {AWAY}")
    assert touched(aws, places) == {("hub", HOME)}
    kept, error, _ = ends(how, aws, tmp_path, f'{given}, on_failure="continue"', dry_run=dry_run)
    assert (error, kept["left"]) == ("", [AWAY])


@pytest.mark.parametrize("how", ["cpython", "compiled"])
def test_the_blast_radius_is_that_of_each_place(
    aws: TestAws, places: dict[Place, str], tmp_path: Path, how: str
) -> None:
    given = f'accounts="prod", regions="{HOME}; {AWAY}", max_resources=0, max_failures="100%"'
    result, error, cause = ends(how, aws, tmp_path, given)
    assert (error, cause) == ("", "")
    assert result["results"] == []
    assert result["report"].count("max_resources=0 allows to stop 0") == 4
    assert touched(aws, places) == set()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accounts": "dev"}, "needs regions= beside accounts="),
        ({"regions": "eu-west-1", "region": "eu-west-1"}, "leave out region"),
        ({"regions": "eu-west-1", "role_arn": "arn:aws:iam::222222222222:role/a"}, "leave out role_arn"),
        ({"accounts": [], "regions": "eu-west-1"}, "say their Regions; leave out regions"),
    ],
)
def test_what_says_the_place_twice_or_not_at_all_is_refused(aws: TestAws, given: dict[str, Any], said: str) -> None:
    with local_run(aws=aws, sleep=lambda s: None), pytest.raises(InvalidParameter, match=said):
        ec2.stop_instances(tag="A=b", **given)
    assert aws.calls == []
