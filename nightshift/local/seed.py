"""The small fleet that a new local AWS begins with, its organization if it has one, and the verified mail addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nightshift.local.account import REGION
from nightshift.local.aws import LocalAws
from nightshift.local.sessions import LocalSession

MAIL_FROM = "nightshift@example.com"
MAIL_TO = "ops@example.com"

MEMBERS = ("web", "lab")
"""The accounts beside the app's own, of an organization."""
REGIONS = (REGION, "eu-west-1")
"""Where the members have instances."""

_IMAGE = "ami-0a0b0c0d0e0f00001"


@dataclass(frozen=True)
class Machine:
    """An instance to make.

    sizes: GiB of its volumes, the root volume first. account: the account it is in, with the units above it
    ("Workloads/dev/web"); "" is the app's own. region: "" is the app's own.
    """

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    running: bool = True
    type: str = "t3.micro"
    sizes: tuple[int, ...] = (8,)
    account: str = ""
    region: str = ""


NIGHTLY = {"Backup": "nightly"}

FLEET = (
    Machine("A", {"AutoOff": "No"}),
    Machine("B", {"AutoOff": "yes"}),
    Machine("C", {"AutoOff": "yes"}),
    Machine("D", {"AutoOff": "yes"}),
    Machine("web-1", {**NIGHTLY, "Role": "web", "AutoOn": "yes"}, sizes=(8, 20)),
    Machine("web-2", {**NIGHTLY, "Role": "web", "AutoOn": "yes"}, sizes=(8, 20)),
    Machine("db-1", {**NIGHTLY, "Role": "db"}, type="r6i.large", sizes=(16, 100, 100)),
    Machine("db-2", {**NIGHTLY, "Role": "db"}, running=False, type="r6i.large", sizes=(16, 100)),
    Machine("app-1", {"Role": "app", "AutoOn": "yes"}, type="m6i.large", sizes=(16,)),
    Machine("app-2", {"Role": "app", "AutoOn": "yes"}, running=False, type="m6i.large", sizes=(16,)),
    Machine("batch-1", {"Role": "batch", "AutoOn": "yes", "AutoOff": "yes"}, running=False, type="c6i.xlarge"),
    Machine("batch-2", {"Role": "batch", "AutoOn": "yes", "AutoOff": "yes"}, running=False, type="c6i.xlarge"),
    Machine("report-1", {"Role": "report"}, type="m6i.large", sizes=(8, 40)),
    Machine("bastion", {"Role": "bastion"}),
    Machine(""),
    Machine("", running=False),
)
"""A to D are the example of the documentation; then come servers by role, and two that nobody tagged."""


@dataclass(frozen=True)
class Database:
    """A DB instance to make; one of a cluster when `cluster` names one.

    type: its class.
    """

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    type: str = "db.t3.medium"
    cluster: str = ""


@dataclass(frozen=True)
class Work:
    """Something of the account that a part starts, and maybe waits for, or scales.

    kind: "ecs" for a task definition, "batch" for a job definition, "glue" for a job, "lambda" for a function,
        "stepfunctions" for a state machine, "service" for a service of ECS.
    name: its name.
    where: the cluster of ECS or the queue of Batch.
    seconds: how long a run runs from when it has begun. An invocation of a function takes no time in a simulation.
    exit_code: with what it ends; what has no exit codes fails for any but 0.
    failing: how many runs end so, the first ones; then it ends with 0. None for all. Of a service: deployments.
    answer: what a function or a state machine returns; the message of the error where it fails.
    price: US dollars of an hour in which one runs, of a service: of an hour of a task.
    tasks, tags: of a service: how many tasks it runs at the beginning, and its tags.
    """

    kind: Literal["ecs", "batch", "glue", "lambda", "stepfunctions", "service"]
    name: str
    where: str = "default"
    seconds: float = 60
    exit_code: int = 0
    failing: int | None = None
    answer: Any = None
    price: float = 0.0
    tasks: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)


DATABASES = (
    Database("orders", {**NIGHTLY, "AutoOff": "yes", "AutoOn": "yes"}),
    Database("archive", {**NIGHTLY}, "db.r6g.large"),
    Database("shop-1", {**NIGHTLY, "AutoOff": "yes", "AutoOn": "yes"}, "db.r6g.large", cluster="shop"),
)
"""The databases of a simulation."""


def make_databases(rds: Any, databases: Sequence[Database], settle: Callable[[], None]) -> None:
    """Make DB instances, and the clusters they are members of, which get their tags.

    rds: a client. settle: lets every change of state arrive.
    """
    owner = {"MasterUsername": "ops", "MasterUserPassword": "local-fleet-only"}
    for database in databases:
        tags = [{"Key": key, "Value": value} for key, value in database.tags.items()]
        given: dict[str, Any] = {"DBInstanceClass": database.type, "Tags": tags}
        if database.cluster:
            rds.create_db_cluster(DBClusterIdentifier=database.cluster, Engine="aurora-postgresql", Tags=tags, **owner)
            given |= {"Engine": "aurora-postgresql", "DBClusterIdentifier": database.cluster}
        else:
            given |= {"Engine": "postgres", "AllocatedStorage": 100, **owner}
        rds.create_db_instance(DBInstanceIdentifier=database.name, **given)
    settle()


def seed(local: LocalAws) -> None:
    """Make the fleet, a volume that is attached to nothing, and the verified mail addresses."""
    session = local.session()
    ec2: Any = session.client("ec2")
    launch_fleet(ec2, FLEET, local.control().settle)
    lone_volume(ec2, f"{local.region}a")
    ses = session.client("ses")
    for address in (MAIL_FROM, MAIL_TO):
        ses.verify_email_identity(EmailAddress=address)


def make_organization(local: LocalAws) -> None:
    """Make two members, in both Regions of each an instance tagged AutoOff=yes and one that is not to be stopped."""
    service: Any = local.session().client("organizations")
    service.create_organization(FeatureSet="ALL")
    for name in MEMBERS:
        made = service.create_account(AccountName=name, Email=f"{name}@example.com")
        account = made["CreateAccountStatus"]["AccountId"]
        for region in REGIONS:
            machines = [Machine(f"{name}-1", {"AutoOff": "yes"}), Machine(f"{name}-2", {"AutoOff": "No"})]
            ec2 = LocalSession(local.endpoints, account, region).create_client("ec2")
            launch_fleet(ec2, machines, local.control().settle)


def launch_fleet(ec2: Any, machines: Sequence[Machine], settle: Callable[[], None]) -> list[str]:
    """Make the instances, those that are not to run stopped; their ids.

    ec2: a client. settle: lets every change of state arrive.
    """
    ids = [_launch(ec2, machine) for machine in machines]
    settle()
    stopped = [id_ for machine, id_ in zip(machines, ids, strict=True) if not machine.running]
    if stopped:
        ec2.stop_instances(InstanceIds=stopped)
        settle()
    return ids


def lone_volume(ec2: Any, zone: str) -> None:
    """Make a volume that is attached to nothing."""
    tags = [{"Key": "Name", "Value": "archive"}, {"Key": "Backup", "Value": "nightly"}]
    ec2.create_volume(
        Size=200, AvailabilityZone=zone, VolumeType="gp3", TagSpecifications=[{"ResourceType": "volume", "Tags": tags}]
    )


def _launch(ec2: Any, machine: Machine) -> str:
    tags = ({"Name": machine.name} if machine.name else {}) | dict(machine.tags)
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    specifications = [{"ResourceType": kind, "Tags": pairs} for kind in ("instance", "volume")] if pairs else []
    answer = ec2.run_instances(
        ImageId=_IMAGE,
        InstanceType=machine.type,
        MinCount=1,
        MaxCount=1,
        TagSpecifications=specifications,
        BlockDeviceMappings=[
            {"DeviceName": name, "Ebs": {"VolumeSize": size, "VolumeType": "gp3", "DeleteOnTermination": root}}
            for name, size, root in zip(
                ("/dev/xvda", "/dev/sdf", "/dev/sdg"), machine.sizes, (True, False, False), strict=False
            )
        ],
    )
    id_: str = answer["Instances"][0]["InstanceId"]
    return id_
