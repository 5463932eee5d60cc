"""DB instances and clusters on moto."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backends import get_backend

from lambdas.contract.part import Run
from tests.parts.driver import RUN, TestAws, client

PASSWORD = "local-test-only"


def database(name: str, *, state: str = "available", engine: str = "postgres", **more: Any) -> str:
    """A DB instance; its name. Of `more`, capitalised names are parameters of CreateDBInstance, others are tags."""
    given, tags = _split(more)
    if "DBClusterIdentifier" not in given:
        given |= {"AllocatedStorage": 20, "MasterUsername": "ops", "MasterUserPassword": PASSWORD}
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine=engine,
        **{"DBInstanceClass": "db.t3.micro", **given},
        Tags=tags,
    )
    if state == "stopped":
        client("rds").stop_db_instance(DBInstanceIdentifier=name)
    return name


def cluster(name: str, *members: str, state: str = "available", **tags: str) -> str:
    """An Aurora cluster with members; its name."""
    client("rds").create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="ops",
        MasterUserPassword=PASSWORD,
        Tags=_split(tags)[1],
    )
    for member in members:
        database(member, engine="aurora-postgresql", DBClusterIdentifier=name, DBInstanceClass="db.r6g.large", **tags)
    if state == "stopped":
        client("rds").stop_db_cluster(DBClusterIdentifier=name)
    return name


def states() -> dict[str, str]:
    """The state of each DB instance, by its name."""
    found = client("rds").describe_db_instances()["DBInstances"]
    return {d["DBInstanceIdentifier"]: d["DBInstanceStatus"] for d in found}


def cluster_states() -> dict[str, str]:
    """The state of each cluster, by its name."""
    return {d["DBClusterIdentifier"]: d["Status"] for d in client("rds").describe_db_clusters()["DBClusters"]}


def night(number: int) -> Run:
    """A run of its own."""
    return replace(RUN, id=f"{RUN.id}-{number}")


def snapshots(region: str = "us-east-1") -> dict[str, dict[str, str]]:
    """The manual snapshots, with their tags; those of clusters as results name them."""
    rds, found = client("rds", region), {}
    for snapshot in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        found[snapshot["DBSnapshotIdentifier"]] = snapshot["TagList"]
    for snapshot in rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]:
        found[f"cluster-snapshot:{snapshot['DBClusterSnapshotIdentifier']}"] = snapshot["TagList"]
    return {name: {tag["Key"]: tag["Value"] for tag in tags} for name, tags in found.items()}


def old_snapshot(of: str, name: str, *, at: int = 0, flow: str = "night", **tags: str) -> str:
    """A snapshot of an earlier day, of a DB instance or of "cluster:shop", by a flow or (flow="") by hand; its id."""
    rds, kind, database = client("rds"), *of.rpartition(":")[::2]
    marks = {"nightshift:flow": flow, "nightshift:database": of} if flow else {}
    given = [{"Key": key, "Value": value} for key, value in {**marks, **tags}.items()]
    stores: Any = get_backend("rds")["123456789012"]["us-east-1"]
    if kind:
        rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier=database, Tags=given)
        made = stores.cluster_snapshots[name]
    else:
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=database, Tags=given)
        made = stores.database_snapshots[name]
    made.created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=at)
    return f"{kind}-snapshot:{name}" if kind else name


def told_of(aws: TestAws, cluster: str, **what: Any) -> None:
    """Let the descriptions of a cluster say this besides."""

    def say(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for found in answer.get("DBClusters", []):
            if found["DBClusterIdentifier"] == cluster:
                found.update(what)

    aws.hooks.append(say)


def described_as(aws: TestAws, name: str, *series: str) -> None:
    """Let the descriptions of one say these states in turn, and the last one from then on."""
    left = list(series)

    def say(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for kind, key, status in (
            ("DBInstances", "DBInstanceIdentifier", "DBInstanceStatus"),
            ("DBClusters", "DBClusterIdentifier", "Status"),
        ):
            for found in answer.get(kind, []):
                if found[key] == name:
                    found[status] = left.pop(0) if len(left) > 1 else left[0]

    aws.hooks.append(say)


def _split(more: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    given = {k: v for k, v in more.items() if k.startswith(("DB", "Multi"))}
    return given, [{"Key": k, "Value": v} for k, v in more.items() if k not in given]
