"""What stopping and starting ten thousand instances by tag costs, next to a plain boto3 loop and Cloud Custodian.

All three work on the same local fleet (moto's server with the realism layer, its clock standing still but for the
waits) and in the same run. All three have to show that it is done: the part and the plain loop wait and poll, Cloud
Custodian, which does not, gets a second policy that lists the instances in the wanted state. Its start-up is measured
by a policy that matches nothing, and is not counted. `wall` holds the server's time too, which moto spends on
describing instances; `cpu` is the tool's own.

`least` is the fewest API calls that any client could do it with: pages of 1,000 to find them, requests for 1,000 each,
pages of 1,000 to see that it is done; and where half of them refuse, a request for every 1,000 more, since only a
request tells.

    python bench/fleet.py [--count 10000]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

from bench.tools.custodian import cpu_of_children, credentials, installed  # noqa: E402
from lambdas.contract.part import Part, Run  # noqa: E402
from lambdas.parts import ec2 as parts  # noqa: E402
from lambdas.runtime.clients import AwsClients  # noqa: E402
from lambdas.runtime.result_store import ResultStore  # noqa: E402
from nightshift.local.account import ACCOUNT, REGION  # noqa: E402
from nightshift.local.fleet.client import FleetControl, run_fleet  # noqa: E402

PAGE = 1000
TAG, REFUSING, SCATTERED = "AutoOff", "Refusing", "RefusingAnywhere"
POLL = 60
"""Seconds until a poll: a stop takes 30 to 50, a start 15 to 25."""

LAMBDA_TIMEOUT = 300
CUSTODIAN = "c7n==0.9.53"
BUCKET = "bench-results"


@dataclass(frozen=True)
class Task:
    """One thing to do: `part` is nightshift's, `action` Cloud Custodian's, `request` boto3's.

    refusing: the tag of those that refuse.
    """

    title: str
    part: Part[..., Any]
    action: str
    request: str
    before: str
    after: str
    refusing: str = ""


@dataclass
class Cost:
    """What a tool took; `changed` of the instances it should have."""

    tool: str
    calls: int
    wall: float
    cpu: float
    changed: int
    invocations: int = 0
    largest_state: int = 0
    note: str = ""


class FleetAws(AwsClients):
    """The clients that parts get in Lambda, on the fleet's clock and with a Lambda function's time."""

    def __init__(self, fleet: FleetControl) -> None:
        super().__init__(region=REGION)
        self.fleet = fleet
        self.clock = fleet.now()
        self.began = time.monotonic()

    def now(self) -> float:
        return self.clock

    def remaining(self) -> float:
        return LAMBDA_TIMEOUT - (time.monotonic() - self.began)

    def wait(self, seconds: int) -> None:
        """What the state machine's Wait does."""
        self.fleet.advance(seconds)
        self.clock += seconds
        self.began = time.monotonic()


def nightshift(fleet: FleetControl, task: Task) -> Cost:
    """Invoke the part as the state machine and the Lambda handler do."""
    aws = FleetAws(fleet)
    store = ResultStore(BUCKET, lambda: aws.client("s3"))
    run = Run(id=f"arn:aws:states:{REGION}:{ACCOUNT}:execution:bench:{task.title}", flow="bench", step="step", call=1)
    params = {"tag": f"{TAG}=yes", "interval": POLL, "on_failure": "continue", "timeout": "12h"}
    cost = Cost("nightshift", 0, 0.0, 0.0, 0)
    state: Any = None
    start, cpu, fleet_start = time.perf_counter(), time.process_time(), aws.clock
    while True:
        reply = task.part.invoke(aws, run, params, store.load(state))
        reply = json.loads(json.dumps(store.offload(reply, run)))
        cost.invocations += 1
        cost.largest_state = max(cost.largest_state, len(json.dumps(reply)))
        if reply["done"]:
            break
        state = reply["state"]
        aws.wait(reply["wait"])
    cost.wall, cost.cpu = time.perf_counter() - start, time.process_time() - cpu
    cost.changed = len(store.load(reply["result"]["changed"]))
    cost.note = f"{aws.clock - fleet_start:,.0f} s on the fleet's clock"
    return cost


def plain_boto3(fleet: FleetControl, task: Task) -> Cost:
    """The script one would write: pages, batches, one by one where a batch is refused, then wait."""
    start, cpu = time.perf_counter(), time.process_time()
    ec2 = fleet.client(config=Config(read_timeout=600, retries={"total_max_attempts": 1}))
    request = getattr(ec2, task.request)
    filters = [{"Name": f"tag:{TAG}", "Values": ["yes"]}, {"Name": "instance-state-name", "Values": [task.before]}]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters, PaginationConfig={"PageSize": PAGE})
    ids = [i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]]
    accepted: list[str] = []
    for first in range(0, len(ids), PAGE):
        batch = ids[first : first + PAGE]
        try:
            request(InstanceIds=batch)
            accepted += batch
        except ClientError:
            for instance_id in batch:
                try:
                    request(InstanceIds=[instance_id])
                    accepted.append(instance_id)
                except ClientError:
                    continue
    waiting = accepted
    while waiting:
        fleet.advance(POLL)
        found: dict[str, Any] = {}
        for first in range(0, len(waiting), PAGE):
            answer = ec2.describe_instances(InstanceIds=waiting[first : first + PAGE])
            found |= {i["InstanceId"]: i["State"]["Name"] for r in answer["Reservations"] for i in r["Instances"]}
        waiting = [i for i in waiting if found[i] != task.after]
    return Cost("plain boto3 loop", 0, time.perf_counter() - start, time.process_time() - cpu, len(accepted))


class Custodian:
    """Cloud Custodian in an environment of its own."""

    def __init__(self) -> None:
        self.program = installed("c7n", CUSTODIAN) / "custodian"

    def run(self, fleet: FleetControl, state: str, tag: str, action: str | None = None) -> Cost:
        """One policy; `changed` are the instances it found."""
        policy: dict[str, Any] = {"name": "bench", "resource": "ec2"}
        policy["query"] = [{f"tag:{tag}": "yes"}, {"instance-state-name": state}]
        if action:
            policy["actions"] = [action]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "policy.json"
            file.write_text(json.dumps({"policies": [policy]}))
            command: list[str | Path] = [
                self.program,
                "run",
                "--region",
                REGION,
                "--cache-period",
                "0",
                "-s",
                folder,
                file,
            ]
            environment = {"PATH": os.environ["PATH"], "HOME": folder, **credentials(fleet)}
            start, cpu = time.perf_counter(), cpu_of_children()
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            wall, cpu = time.perf_counter() - start, cpu_of_children() - cpu
            found = Path(folder) / "bench" / "resources.json"
            count = len(json.loads(found.read_text())) if found.exists() else 0
        error = re.search(r"An error occurred \((.+?)\)", done.stderr) if done.returncode else None
        return Cost("Cloud Custodian", 0, wall, cpu, count, note=f"gave up: {error[1]}" if error else "")

    def __call__(self, fleet: FleetControl, task: Task) -> Cost:
        """The policy, and the one that shows the instances in the state they should have."""
        idle = min((self.run(fleet, task.before, "no such tag") for _ in range(2)), key=lambda cost: cost.wall)
        fleet.forget_calls()
        acting = self.run(fleet, task.before, TAG, task.action)
        fleet.advance(POLL)
        looking = self.run(fleet, task.after, TAG)
        wall = acting.wall + looking.wall - 2 * idle.wall
        cpu = acting.cpu + looking.cpu - 2 * idle.cpu
        return replace(looking, wall=wall, cpu=cpu, note=acting.note or f"{2 * idle.wall:.1f} s of start-up off")


STOP = Task("stop", parts.stop_instances, "stop", "stop_instances", "running", "stopped")
START = Task("start", parts.start_instances, "start", "start_instances", "stopped", "running")
HALF = Task("stop, half refuse", parts.stop_instances, "stop", "stop_instances", "running", "stopped", REFUSING)
ANY_HALF = replace(HALF, title="stop, half refuse, scattered", refusing=SCATTERED)


def launch(fleet: FleetControl, count: int) -> list[str]:
    """Launch `count` running instances; every other one is tagged to refuse, and so is a half from anywhere."""
    ec2 = fleet.client(config=Config(read_timeout=600, retries={"total_max_attempts": 1}))
    ids: list[str] = []
    for first in range(0, count, PAGE):
        size = min(PAGE, count - first)
        tags = [{"Key": TAG, "Value": "yes"}]
        options = {"ImageId": "ami-12345678", "MinCount": size, "MaxCount": size}
        answer = ec2.run_instances(**options, TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])
        ids += [i["InstanceId"] for i in answer["Instances"]]
    for first in range(0, count, 2 * PAGE):
        ec2.create_tags(Resources=ids[first : first + 2 * PAGE : 2], Tags=[{"Key": REFUSING, "Value": "yes"}])
    anywhere = random.Random(1).sample(ids, math.ceil(count / 2))
    for first in range(0, len(anywhere), PAGE):
        ec2.create_tags(Resources=anywhere[first : first + PAGE], Tags=[{"Key": SCATTERED, "Value": "yes"}])
    fleet.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    fleet.settle()
    return ids


def prepare(fleet: FleetControl, task: Task, ids: list[str]) -> None:
    """Put every instance into the state before, and let half of them refuse where they should.

    EC2 does not see them at the request, as after a mass termination: it names all of them in one error.
    """
    fleet.clear_faults()
    fleet.settle()
    ec2 = fleet.client(config=Config(read_timeout=600))
    change = ec2.start_instances if task.before == "running" else ec2.stop_instances
    for first in range(0, len(ids), PAGE):
        change(InstanceIds=ids[first : first + PAGE])
    fleet.settle()
    if task.refusing:
        fleet.add_fault("invisible", tag=f"{task.refusing}=yes", action="StopInstances")
    fleet.forget_calls()


def least(task: Task, count: int) -> int:
    """The fewest calls."""
    pages = batches = math.ceil(count / PAGE)
    if not task.refusing:
        return pages + batches + pages
    good = math.ceil((count - math.ceil(count / 2)) / PAGE)
    return pages + batches + good + good


def report(task: Task, count: int, costs: list[Cost]) -> None:
    """Print the table of one task."""
    fewest = least(task, count)
    wanted = count // 2 if task.refusing else count
    print(f"\n{task.title}: {count:,} instances by tag, {wanted:,} to be {task.after}; at least {fewest} API calls")
    print(f"{'':18}{'calls':>8}{'/least':>8}{'wall':>9}{'cpu':>9}{'done':>8}{'invocations':>13}{'largest state':>15}")
    for cost in costs:
        state = f"{cost.largest_state / 1024:,.0f} KiB" if cost.largest_state else "-"
        print(
            f"{cost.tool:18}{cost.calls:>8,}{cost.calls / fewest:>8.2f}{cost.wall:>7.1f} s{cost.cpu:>7.1f} s"
            f"{cost.changed:>8,}{cost.invocations or '-':>13}{state:>15}  {cost.note}"
        )


def main() -> None:
    """Print a table for each task, and the strict fleet's row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    count = parser.parse_args().count
    tools: list[Callable[[FleetControl, Task], Cost]] = [nightshift, plain_boto3]
    try:
        tools.append(Custodian())
    except subprocess.CalledProcessError as error:
        print(f"without Cloud Custodian, which could not be installed: {error}")
    with run_fleet() as fleet:
        os.environ.update(credentials(fleet))
        start = time.perf_counter()
        ids = launch(fleet, count)
        print(f"launched {count:,} instances in {time.perf_counter() - start:.0f} s; the part polls every {POLL} s")
        for task in (STOP, START, HALF, ANY_HALF):
            costs = []
            for tool in tools:
                prepare(fleet, task, ids)
                cost = tool(fleet, task)
                cost.calls = len(fleet.calls())
                costs.append(cost)
            report(task, count, costs)
        prepare(fleet, START, ids)
        fleet.strict(True)
        cost = nightshift(fleet, START)
        cost.calls = len(fleet.calls())
        throttled = sum(code == "RequestLimitExceeded" for _, _, code in fleet.calls())
        cost.note += f", {throttled} calls throttled (1,000 starts at once, then 2 a second)"
        report(replace(START, title="start, with API throttling"), count, [cost])
    print("\naims: calls at most 1.05 of the least, wall no worse than Cloud Custodian's, state under 256 KiB")


if __name__ == "__main__":
    main()
