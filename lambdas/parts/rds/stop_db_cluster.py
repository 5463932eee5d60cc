"""Stopping clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.stages import Already, Failed, Stages, Verdict
from lambdas.parts.rds._databases import CLUSTER, ChangeDBClusters, Database
from lambdas.parts.rds._permissions import CLUSTERS
from lambdas.parts.rds._power import SLOW, DatabasePowerResult, Power
from lambdas.parts.rds._stopping import before_stop, stop_stages


@dataclass
class StopDBClusterResult(DatabasePowerResult):
    """Result of rds.stop_db_cluster.

    changed: clusters this call stopped, each in the state stopped; give it to rds.start_db_cluster to undo.
    skipped: those that were already stopped or stopping, and those excluded by tag.
    """


@part(
    allow=(Allow(("rds:DescribeDBClusters", "rds:StopDBCluster"), CLUSTERS),),
    cost="The members of a stopped cluster are not billed; its storage and its backups are.",
    timeout=SLOW,
)
def stop_db_cluster(call: Call, **common: Unpack[ChangeDBClusters]) -> StopDBClusterResult | Pending:
    """Stop clusters of Aurora with all of their members, and wait until they are stopped.

    AWS starts a stopped cluster again after seven days; a flow that runs every day stops it again.

    Parameters:
    tag: "AutoOff=yes", or a list of which all must match; `*` and `?` are wildcards. With db_cluster_identifier: of
        those, the ones with the tag.

    Result: StopDBClusterResult.

    Errors:
    PartFailed: a cluster does not exist, is broken, is of a global database, has or is a replica in another Region, or
        is Aurora Serverless v1.
    PartTimeout: a cluster was not stopped when `timeout` ended.
    AccessDenied: the role may not stop the clusters.

    Source: "Stopping and starting an Amazon Aurora DB cluster" (Amazon Aurora User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("30 20-23,0-6 * * ? *", timezone="Asia/Tokyo"), timeout="50m")
        def off_at_night():
            \"\"\"Stop again within the hour what AWS has started after seven days, and not only the next evening.\"\"\"
            instances = rds.stop_db_instance(tag="AutoOff=yes", on_failure="continue")
            clusters = rds.stop_db_cluster(tag="AutoOff=yes", on_failure="continue")
            return instances.changed + clusters.changed
    """
    rds = call.client("rds")
    power = Power(call, CLUSTER, CLUSTER.chosen(common))

    def begin(cluster: Database) -> Verdict:
        if refused := power.broken(cluster):
            return refused
        verdict = before_stop(CLUSTER.state(cluster))
        return verdict if isinstance(verdict, Already) else _cannot_stop(cluster) or verdict

    stages = stop_stages(power, lambda id_: rds.stop_db_cluster(DBClusterIdentifier=id_))
    stop = Stages(call, stages, verb="stop", done="stopped", noun=CLUSTER.noun, population=CLUSTER.population)
    return stop.run(lambda: power.plan(stop, begin), StopDBClusterResult(), power.show)


def _cannot_stop(cluster: Database) -> Failed | None:
    """What RDS would refuse. Amazon Aurora User Guide, "Stopping and starting an Amazon Aurora DB cluster",
    limitations."""
    reason = ""
    if cluster.get("EngineMode") == "serverless":
        reason = "is Aurora Serverless v1, which pauses by itself"
    elif name := cluster.get("GlobalClusterIdentifier"):
        reason = f"is of the global database {name}"
    elif source := cluster.get("ReplicationSourceIdentifier"):
        reason = f"is a replica of {source}"
    elif replicas := cluster.get("ReadReplicaIdentifiers"):
        reason = f"has the replica {', '.join(replicas)}"
    return Failed("InvalidDBClusterStateFault", f"'{{id}}' cannot be stopped: it {reason}") if reason else None
