"""Starting clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.stages import DONE, Already, Each, Failed, Stage, Stages, Verdict, Verdicts
from lambdas.parts.rds._databases import CLUSTER, INSTANCE, ChangeDBClusters, Database
from lambdas.parts.rds._permissions import CLUSTERS, INSTANCES
from lambdas.parts.rds._power import BROKEN, HINTS, SLOW, DatabasePowerResult, Power, fell_back


@dataclass
class StartDBClusterResult(DatabasePowerResult):
    """Result of rds.start_db_cluster.

    changed: clusters this call started, each in the state available with all of its members.
    skipped: those that were already available or on their way there, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("rds:DescribeDBClusters", "rds:StartDBCluster"), CLUSTERS),
        Allow(("rds:DescribeDBInstances",), INSTANCES),
    ),
    cost="The members of the clusters are billed by the second, at least ten minutes for each start.",
    hints=HINTS,
    timeout=SLOW,
)
def start_db_cluster(call: Call, **common: Unpack[ChangeDBClusters]) -> StartDBClusterResult | Pending:
    """Start stopped clusters of Aurora, and wait until they and all of their members are available.

    Parameters:
    tag: "AutoOn=yes", or a list of which all must match; `*` and `?` are wildcards. With db_cluster_identifier: of
        those, the ones with the tag.

    Result: StartDBClusterResult.

    Errors:
    PartFailed: a cluster does not exist, it or one of its members is broken, or it fell back to stopped.
    PartTimeout: a cluster or one of its members was not available when `timeout` ended.
    AccessDenied: the role may not start the clusters.

    Source: "Stopping and starting an Amazon Aurora DB cluster" (Amazon Aurora User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 7 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="2h")
        def clusters_on():
            \"\"\"Start the clusters before the office opens, and be done when every member of them is available.\"\"\"
            return rds.start_db_cluster(tag="AutoOn=yes").summary
    """
    rds = call.client("rds")
    power = Power(call, CLUSTER, CLUSTER.chosen(common))

    def begin(cluster: Database) -> Verdict:
        return power.broken(cluster) or blocked(CLUSTER.state(cluster))

    def blocked(state: str) -> Verdict:
        match state:
            case "available":
                return Already(state, "members")
            case "stopped":
                return "todo"
            case "stopping":
                return "blocked"
        # It runs, and AWS is at work on it.
        return Already(state, "sent")

    def sent(state: str) -> Verdict:
        return "members" if state == "available" else fell_back(power, start.since(), state) or "sent"

    def members(ids: list[str]) -> Verdicts:
        for id_ in ids:
            found = {str(m[INSTANCE.key]): INSTANCE.state(m) for m in INSTANCE.of_cluster(call, id_)}
            if broken := [f"{name} is {state}" for name, state in found.items() if state in BROKEN]:
                yield id_, Failed("InvalidDBInstanceState", f"of the members of '{{id}}', {', '.join(broken)}")
            else:
                yield id_, "members" if {"starting", "stopped", "stopping"} & set(found.values()) else DONE

    late = "'{id}' is not available in time"
    stages = [
        Stage("blocked", "stopping", late, poll=power.poll(blocked)),
        # Refused for its state: by a request of before whose answer was lost, or by what has come between.
        Stage(
            "unclear",
            "to be started or stopped",
            late,
            poll=power.poll(lambda s: {"stopped": "todo", "stopping": "unclear"}.get(s, "sent")),
        ),
        Each(
            "todo",
            "to be sent to start",
            late,
            request=lambda id_, dry: rds.start_db_cluster(DBClusterIdentifier=id_),
            asks=lambda id_: False,
            again={CLUSTER.bad_state: "unclear", "InvalidDBInstanceState": "unclear"},
        ),
        Stage("sent", "to be available", late, poll=power.poll(sent)),
        Stage("members", "with members to be available", "a member of '{id}' is not available in time", poll=members),
    ]
    start = Stages(call, stages, verb="start", done="started", noun=CLUSTER.noun, population=CLUSTER.population)
    return start.run(lambda: power.plan(start, begin), StartDBClusterResult(), power.show)
