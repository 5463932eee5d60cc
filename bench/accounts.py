"""What stopping the instances of an organization costs, beside a plain boto3 loop and Cloud Custodian's c7n-org.

    python bench/accounts.py [--accounts 100] [--instances 50]

All three work on the same local fleet, moto's server with the realism layer, on 200 account-Regions: 100 accounts with
two Regions each. All three have to show that it is done: c7n-org, which does not wait, gets a second policy that lists
the stopped instances. `least` is the fewest calls that there can be: for each account an AssumeRole, for each Region a
page to find its instances, a request to stop them, and a page to see that it is done; the list of accounts, which
c7n-org is given as a file, is not counted. `wall` holds the server's time, too.

nightshift and the loop are one process, which assumes a role once; on AWS each Lambda worker does. c7n-org has four
processes for each core. Below stand the state transitions of the compiled flow, and its largest value.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import boto3  # noqa: E402

from bench.tools.custodian import credentials, installed  # noqa: E402
from lambdas.contract.part import Run  # noqa: E402
from lambdas.parts import ec2, organizations  # noqa: E402
from nightshift.compiler import compile_file  # noqa: E402
from nightshift.local.fleet.client import FleetControl, run_fleet  # noqa: E402
from nightshift.local.seed import Machine  # noqa: E402
from nightshift.local.sessions import reach  # noqa: E402
from nightshift.simulation.simulate import Scenario, Simulation  # noqa: E402

MOST = 1.05
"""API calls for each of the fewest."""

STATE = 262_144
"""Bytes of a state ("Step Functions service quotas", AWS Step Functions Developer Guide)."""

POLL = 60
"""Seconds until a poll: a stop takes 30 to 50."""

CUSTODIAN = ("c7n-org==0.6.52", "c7n==0.9.53")

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
TAGGED = {"Name": "tag:AutoOff", "Values": ["yes"]}

Tool = Callable[[FleetControl, list[str]], int]
"""Stops all tagged instances of these accounts; how many it has seen stopped."""


def main() -> int:
    """Print the table; 1 when nightshift makes too many calls."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--instances", type=int, default=50)
    given = parser.parse_args()
    places, least = given.accounts * len(REGIONS), given.accounts * (1 + 3 * len(REGIONS))
    tools: dict[str, Tool] = {"nightshift": nightshift, "plain boto3 loop": plain_loop}
    try:
        program = installed("c7n-org", *CUSTODIAN) / "c7n-org"
        tools["c7n-org"] = lambda fleet, ids: custodian(fleet, ids, program)
    except subprocess.CalledProcessError as error:
        print(f"without c7n-org, which could not be installed: {error}")
    changes, largest = simulated(given.accounts)
    print(f"{places} account-Regions with {given.instances} instances each; at least {least} API calls")
    print(f"{'':18}{'calls':>8}{'/least':>8}{'wall':>9}{'done':>9}{'transitions':>13}")
    ratio = 0.0
    with TemporaryDirectory() as folder, recorded(Path(folder) / "requests") as record, run_fleet() as fleet:
        start_recording(fleet)
        os.environ.update(credentials(fleet))
        ids = furnish(given.accounts, given.instances)
        for name, work in tools.items():
            start_all(fleet, ids)
            record.write_text("")
            begun = time.perf_counter()
            stopped = work(fleet, ids)
            wall = time.perf_counter() - begun
            calls = Counter(action for action in actions(record) if action != "ListAccounts")
            ratio = ratio or calls.total() / least
            shown = f"{changes:,}" if name == "nightshift" else "-"
            times = f"{calls.total():>8,}{calls.total() / least:>8.2f}{wall:>7.1f} s"
            print(f"{name:18}{times}{stopped:>9,}{shown:>13}  {dict(calls)}", flush=True)
            assert stopped == places * given.instances, f"{name} stopped {stopped}"
    print(f"{changes / places:.1f} transitions for each account-Region; the largest value has {largest:,} bytes")
    return int(ratio > MOST or largest > STATE)


def furnish(accounts: int, instances: int) -> list[str]:
    """Make an organization whose accounts have instances in each Region; the ids of its members."""
    service = boto3.client("organizations")
    service.create_organization(FeatureSet="ALL")
    ids = []
    for number in range(accounts):
        made = service.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")
        ids.append(made["CreateAccountStatus"]["AccountId"])
    for client in of_all(ids):
        tags = [{"ResourceType": "instance", "Tags": [TAG]}]
        client.run_instances(ImageId="ami-12c6146b", MinCount=instances, MaxCount=instances, TagSpecifications=tags)
    return ids


def start_all(fleet: FleetControl, ids: list[str]) -> None:
    """Let everything run."""
    fleet.settle()
    for client in of_all(ids):
        if stopped := list(ids_in(client, "stopped")):
            client.start_instances(InstanceIds=stopped)
    fleet.settle()


@contextmanager
def recorded(file: Path) -> Iterator[Path]:
    """Within, a server of moto that begins to run and is asked to writes its requests into a file."""
    os.environ["MOTO_RECORDER_FILEPATH"] = str(file)
    try:
        yield file
    finally:
        del os.environ["MOTO_RECORDER_FILEPATH"]


def start_recording(fleet: FleetControl) -> None:
    """Let the server write down every request from now on, whichever service and process it is of."""
    urlopen(Request(f"{fleet.url}/moto-api/recorder/start-recording", method="POST")).close()


def actions(record: Path) -> Iterator[str]:
    """The actions of the requests that were recorded."""
    for line in record.read_text().splitlines():
        entry = json.loads(line)
        body = b64decode(entry["body"]).decode() if entry["body_encoded"] else entry["body"]
        if target := entry["headers"].get("X-Amz-Target"):
            yield target.rpartition(".")[2]
        elif action := parse_qs(body).get("Action"):
            yield action[0]
        else:
            yield f"{entry['method']} {urlsplit(entry['url']).path}"


def role(account: str) -> str:
    """The role of a member."""
    return f"arn:aws:iam::{account}:role/nightshift-member"


def of_all(ids: list[str]) -> Iterator[Any]:
    """A client of EC2 for each Region of each account, whose role is assumed once."""
    sts = boto3.client("sts")
    for account in ids:
        keys = sts.assume_role(RoleArn=role(account), RoleSessionName="loop")["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        for region in REGIONS:
            yield session.client("ec2", region_name=region)


def nightshift(fleet: FleetControl, _: list[str]) -> int:
    """The parts, as the flow's state machine invokes them."""
    clients, wait = reach(fleet, REGIONS[0])
    clients.invocation(lambda: 300, RUN)

    def finished(part: Any, params: dict[str, Any]) -> dict[str, Any]:
        reply = part.invoke(clients, RUN, params, None)
        while not reply["done"]:
            wait(reply["wait"])
            reply = part.invoke(clients, RUN, params, reply["state"])
        result: dict[str, Any] = reply["result"]
        return result

    targets = finished(organizations.list_accounts, {"regions": REGIONS, "exclude": "master"})["targets"]
    stop = {"tag": "AutoOff=yes", "interval": POLL}
    done = [finished(ec2.stop_instances, {**stop, "target": target}) for target in targets]
    return sum(len(result["changed"]) for result in done)


def plain_loop(fleet: FleetControl, ids: list[str]) -> int:
    """What one would write by hand."""
    stopped = 0
    for client in of_all(ids):
        found = list(ids_in(client, "running"))
        client.stop_instances(InstanceIds=found)
        fleet.advance(POLL)
        stopped += len(set(found) & set(ids_in(client, "stopped")))
    return stopped


def ids_in(client: Any, state: str) -> Iterator[str]:
    """The tagged instances in a state."""
    filters = [TAGGED, {"Name": "instance-state-name", "Values": [state]}]
    for page in client.get_paginator("describe_instances").paginate(Filters=filters):
        yield from (i["InstanceId"] for r in page["Reservations"] for i in r["Instances"])


def custodian(fleet: FleetControl, ids: list[str], program: Path) -> int:
    """The policy that stops them in all accounts, and the one that lists what is stopped."""
    accounts = [{"account_id": i, "name": f"a{i}", "role": role(i), "regions": REGIONS} for i in ids]
    with TemporaryDirectory() as folder:
        (Path(folder) / "accounts.json").write_text(json.dumps({"accounts": accounts}))
        policy(program, Path(folder), "running", ["stop"])
        fleet.advance(POLL)
        return policy(program, Path(folder), "stopped", [])


def policy(program: Path, folder: Path, state: str, actions: list[str]) -> int:
    """Run one policy everywhere; how many instances it has found."""
    query = [{"tag:AutoOff": "yes"}, {"instance-state-name": state}]
    written = {"policies": [{"name": state, "resource": "ec2", "query": query, "actions": actions}]}
    (folder / f"{state}.json").write_text(json.dumps(written))
    given = ["-c", "accounts.json", "-u", f"{state}.json", "-s", "out", "--cache-period", "0"]
    environment = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(
        [program, "run", *given], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = (folder / "out").glob(f"*/*/{state}/resources.json")
    return sum(len(json.loads(file.read_text())) for file in found)


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


if __name__ == "__main__":
    sys.exit(main())
