"""Clusters, services and task definitions of ECS on moto."""

from __future__ import annotations

from typing import Any

from nightshift.local.fleet.world import World, current
from tests.parts.driver import client

GROUP = "/ecs/settle"
SUBNET = "subnet-0a1b2c3d"


def cluster(name: str = "batch") -> str:
    """A cluster; its name."""
    client("ecs").create_cluster(clusterName=name)
    return name


def definition(family: str = "settle", *containers: str, log: bool = True, **more: Any) -> str:
    """A task definition for Fargate, its containers writing to CloudWatch Logs; its ARN."""
    options = {"awslogs-group": GROUP, "awslogs-stream-prefix": "ecs", "awslogs-region": "us-east-1"}
    driver = {"logConfiguration": {"logDriver": "awslogs", "options": options}} if log else {}
    made = client("ecs").register_task_definition(
        family=family,
        networkMode="bridge",
        containerDefinitions=[
            {"name": name, "image": "busybox", "memory": 64, "essential": name != "sidecar", **driver}
            for name in containers or ("main",)
        ],
        **more,
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def service(name: str, desired: int = 2, *, cluster: str = "test", strategy: str = "REPLICA", **tags: str) -> str:
    """A service whose tasks run; its name."""
    ecs: Any = client("ecs")
    ecs.create_cluster(clusterName=cluster)
    definition(name)
    count = {"desiredCount": desired} if strategy == "REPLICA" else {}
    ecs.create_service(
        cluster=cluster,
        serviceName=name,
        taskDefinition=name,
        schedulingStrategy=strategy,
        tags=[{"key": key, "value": value} for key, value in tags.items()],
        **count,
    )
    world: World = current()
    world.settle()
    return name


def counts(name: str, cluster: str = "test") -> tuple[int, int, int]:
    """How many tasks a service wants, runs and starts."""
    (found,) = client("ecs").describe_services(cluster=cluster, services=[name])["services"]
    return found["desiredCount"], found["runningCount"], found["pendingCount"]


def tags(name: str, cluster: str = "test") -> dict[str, str]:
    """The tags of a service."""
    (found,) = client("ecs").describe_services(cluster=cluster, services=[name], include=["TAGS"])["services"]
    return {tag["key"]: tag["value"] for tag in found.get("tags", [])}


def tasks(cluster: str = "batch") -> list[dict[str, Any]]:
    """The tasks of a cluster."""
    ecs: Any = client("ecs")
    arns = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
    ]
    return list(ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]) if arns else []
