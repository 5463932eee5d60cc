"""A running local AWS: where it answers, and how to talk to it."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import boto3

from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.fleet.client import FleetControl
from nightshift.local.json_http import get, post
from nightshift.local.processes import Server
from nightshift.local.sessions import LocalSession

FLEET_SERVICES = {
    "autoscaling": "AUTO_SCALING",
    "batch": "BATCH",
    "ec2": "EC2",
    "ecs": "ECS",
    "elb": "ELASTIC_LOAD_BALANCING",
    "elbv2": "ELASTIC_LOAD_BALANCING_V2",
    "glue": "GLUE",
    "organizations": "ORGANIZATIONS",
    "rds": "RDS",
    "ssm": "SSM",
}
"""Services the fleet answers, by boto3's name, and their part of the name of AWS_ENDPOINT_URL_<SERVICE>."""


@dataclass(frozen=True)
class LocalAws:
    """A local AWS.

    project: the folder it belongs to; its state is in `.nightshift/` there.
    ministack: the control plane. fleet: `FLEET_SERVICES`. dashboard: serves the dashboard of what was deployed.
    speed: how many times faster than the wall clock waits and changes of state pass.
    outputs: CloudFormation outputs of what was deployed: stack name -> output -> value.
    """

    project: Path
    ministack: Server
    fleet: Server
    speed: float
    account: str = ACCOUNT
    region: str = REGION
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    dashboard: Server | None = None

    @property
    def endpoints(self) -> dict[str, str]:
        """Endpoint URL by boto3's service name; "*" is every other service."""
        return {"*": self.ministack.url, **dict.fromkeys(FLEET_SERVICES, self.fleet.url)}

    @property
    def dead(self) -> list[Server]:
        """Those of its servers that are no longer running and without which it is of no use."""
        return [server for server in (self.ministack, self.fleet) if not server.alive()]

    def endpoint_variables(self) -> dict[str, str]:
        """The environment variables that lead an SDK to the local AWS."""
        urls = {f"AWS_ENDPOINT_URL_{name}": self.fleet.url for name in FLEET_SERVICES.values()}
        return {"AWS_ENDPOINT_URL": self.ministack.url, **urls}

    def environment(self) -> dict[str, str]:
        """The environment variables with which the aws CLI, boto3 and the cdk CLI talk to the local AWS."""
        return {
            **self.endpoint_variables(),
            # MiniStack takes an access key id of twelve digits as the account.
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def credentials(self, function: str) -> dict[str, str]:
        """The environment variables with the access keys of a function's role; none when there is no such function."""
        answer: dict[str, str] = post(f"{self.ministack.url}/_nightshift/credentials", {"function": function})
        return answer

    def exports(self) -> str:
        """The same as lines for a shell."""
        return "\n".join(f"export {k}={shlex.quote(v)}" for k, v in self.environment().items())

    def session(self) -> boto3.Session:
        """A boto3 session whose clients and resources talk to the local AWS, whatever the environment says."""
        return boto3.Session(botocore_session=self.botocore_session())

    def botocore_session(self) -> LocalSession:
        """The same for botocore."""
        return LocalSession(self.endpoints, self.account, self.region)

    def control(self) -> FleetControl:
        """The fleet's clock and faults."""
        return FleetControl(self.fleet.url)

    def set_scheduler_clock(self, moment: datetime) -> None:
        """Let it be `moment` (aware) for the schedules; what lies between now and then does not fire."""
        post(f"{self.ministack.url}/_nightshift/scheduler", {"now": moment.isoformat()})

    def set_deliveries(self, times: int) -> None:
        """Have each invocation of a schedule delivered so many times: Scheduler promises one at least."""
        post(f"{self.ministack.url}/_nightshift/scheduler", {"deliveries": times})

    def delivered(self, schedule: str) -> int:
        """How many times invocations of a schedule ("group/name") were delivered until now."""
        return int(get(f"{self.ministack.url}/_nightshift/scheduler")["delivered"].get(schedule, 0))

    def set_quotas(self, *, speed: float | None = None, concurrency: int | None = None) -> None:
        """Fill the buckets of Step Functions' quotas, and have them refill `speed` times as fast as on AWS.

        concurrency: how many functions run at once; a new account on AWS has ten, 0 is no limit.
        """
        given = {"speed": speed, "concurrency": concurrency}
        wanted = {name: value for name, value in given.items() if value is not None}
        post(f"{self.ministack.url}/_nightshift/quotas", wanted)

    def asked(self) -> tuple[Counter[str], Counter[str]]:
        """How many requests Step Functions had until now, by action, and how many of them it refused."""
        told = get(f"{self.ministack.url}/_nightshift/quotas")
        return Counter(told["asked"]), Counter(told["throttled"])

    def next_fire_times(self) -> dict[str, datetime]:
        """When each schedule fires next, by "group/name"."""
        answer = get(f"{self.ministack.url}/_nightshift/scheduler")
        return {name: datetime.fromisoformat(moment) for name, moment in answer["next"].items()}
