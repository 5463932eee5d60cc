"""Counts the API calls of stopping the instances of an organization, beside the fewest that there can be.

    python bench/accounts.py [--accounts 100] [--instances 50]

Each account has two Regions. Everything is moto in this process, whose instances stop at once: a place needs a page to
find them, a request to stop them and a page to see that it is done, and an account one AssumeRole. Beside it stands a
plain boto3 loop, which sees to the same. One process is one Lambda worker here: on AWS each of those that work at the
same time assumes a role by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# Thousands of public images in each account that nobody asks for.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

import boto3
from botocore.client import BaseClient
from moto import mock_aws

from lambdas.contract.part import Run
from lambdas.parts import ec2, organizations
from lambdas.runtime.clients import AwsClients
from nightshift.compiler import compile_file
from nightshift.local.seed import Machine
from nightshift.simulation.simulate import Scenario, Simulation

MOST = 1.05
"""API calls for each of the fewest."""

STATE = 262_144
"""Bytes of a state ("Step Functions service quotas", AWS Step Functions Developer Guide)."""

FLOW = """
from lambdas.parts import ec2
from nightshift import daily, flow


@flow(schedule=daily("20:00", timezone="UTC"), timeout="3h")
def stop_everywhere():
    return ec2.stop_instances(
        tag="AutoOff=yes", accounts="dev", regions=["eu-west-1", "ap-northeast-1"], at_most=10, max_failures=5
    )
"""

REGIONS = ["eu-west-1", "ap-northeast-1"]
RUN = Run("arn:aws:states:eu-west-1:123456789012:execution:nightshift-stop:bench", "stop", "step")
TAG = {"Key": "AutoOff", "Value": "yes"}


def main() -> int:
    """Print both; 1 when nightshift makes too many calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--instances", type=int, default=50)
    given = parser.parse_args()
    places, least = given.accounts * len(REGIONS), given.accounts * (1 + 3 * len(REGIONS))
    print(
        f"{places} account-Regions with {given.instances} instances each; at least {least} calls and a list of accounts"
    )
    print(f"{'':<12}{'calls':>8}{'of least':>10}{'wall':>9}")
    ratios = {}
    for name, work in (("nightshift", nightshift), ("boto3 loop", plain_loop)):
        with mock_aws():
            ids = furnish(given.accounts, given.instances)
            with counted() as calls:
                begun = time.perf_counter()
                stopped = work(ids)
                wall = time.perf_counter() - begun
        assert stopped == places * given.instances, f"{name} stopped {stopped}"
        made = calls.total() - calls["ListAccounts"]
        ratios[name] = made / least
        print(f"{name:<12}{made:>8}{ratios[name]:>10.2f}{wall:>8.1f}s  {dict(calls)}")
    changes, largest = simulated(given.accounts)
    print(
        f"transitions {changes}, {changes / places:.1f} for each account-Region; the largest value has {largest} bytes"
    )
    return int(ratios["nightshift"] > MOST or largest > STATE)


def furnish(accounts: int, instances: int) -> list[str]:
    """Make an organization whose accounts have instances in each Region; the ids of its members."""
    service = boto3.client("organizations", region_name="us-east-1")
    service.create_organization(FeatureSet="ALL")
    clients, ids = AwsClients(region=REGIONS[0]), []
    for number in range(accounts):
        made = service.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")
        ids.append(made["CreateAccountStatus"]["AccountId"])
        for region in REGIONS:
            client = clients.client("ec2", region=region, role_arn=role(ids[-1]))
            tags = [{"ResourceType": "instance", "Tags": [TAG]}]
            client.run_instances(ImageId="ami-12c6146b", MinCount=instances, MaxCount=instances, TagSpecifications=tags)
    return ids


def role(account: str) -> str:
    """The role of a member."""
    return f"arn:aws:iam::{account}:role/nightshift-member"


def nightshift(_: list[str]) -> int:
    """The parts, as the flow's state machine invokes them."""
    clients = AwsClients(region=REGIONS[0]).invocation(lambda: 300, RUN)
    listed = finished(organizations.list_accounts, clients, {"regions": REGIONS, "exclude": "master"})
    targets = [dict(vars(t)) if not isinstance(t, dict) else t for t in listed["targets"]]
    done = [finished(ec2.stop_instances, clients, {"tag": "AutoOff=yes", "target": target}) for target in targets]
    return sum(len(result["changed"]) for result in done)


def simulated(accounts: int) -> tuple[int, int]:
    """State transitions of the compiled flow in so many accounts, and the bytes of its result."""
    machines = [
        Machine(f"m{number}-{region}", {"AutoOff": "yes"}, account=f"dev/a{number}", region=region)
        for number in range(accounts)
        for region in REGIONS
    ]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "flows.py"
        file.write_text(FLOW)
        scenario = Scenario(compile_file(file), date(2026, 4, 1), 1, "UTC", machines=machines, databases=())
        (ran,) = Simulation(scenario).run().runs
    assert ran.status == "SUCCEEDED", (ran.execution.error, ran.execution.cause)
    assert len(ran.execution.output["done"]) == len(machines), ran.execution.output["summary"]
    return ran.execution.state_changes, len(json.dumps(ran.execution.output).encode())


def finished(part: Any, clients: AwsClients, params: dict[str, Any]) -> dict[str, Any]:
    """Invoke a part until it is done, without the waits between."""
    reply = part.invoke(clients, RUN, params, None)
    while not reply["done"]:
        reply = part.invoke(clients, RUN, params, reply["state"])
    result: dict[str, Any] = reply["result"]
    return result


def plain_loop(ids: list[str]) -> int:
    """What one would write by hand."""
    sts, stopped = boto3.client("sts", region_name=REGIONS[0]), 0
    for account in ids:
        keys = sts.assume_role(RoleArn=role(account), RoleSessionName="loop")["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        for region in REGIONS:
            client = session.client("ec2", region_name=region)
            found = list(ids_in(client, "running"))
            client.stop_instances(InstanceIds=found)
            stopped += len(set(found) & set(ids_in(client, "stopped")))
    return stopped


def ids_in(client: Any, state: str) -> Iterator[str]:
    """The tagged instances in a state."""
    filters = [{"Name": "tag:AutoOff", "Values": ["yes"]}, {"Name": "instance-state-name", "Values": [state]}]
    for page in client.get_paginator("describe_instances").paginate(Filters=filters):
        yield from (i["InstanceId"] for r in page["Reservations"] for i in r["Instances"])


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Within, every API call counts, by its operation."""
    calls: Counter[str] = Counter()
    send: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]

    def make(self: Any, operation: str, given: Any) -> Any:
        calls[operation] += 1
        return send(self, operation, given)

    BaseClient._make_api_call = make  # type: ignore[attr-defined]
    try:
        yield calls
    finally:
        BaseClient._make_api_call = send  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
