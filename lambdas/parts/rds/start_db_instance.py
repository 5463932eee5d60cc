"""Starting DB instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.stages import DONE, Already, Each, Stage, Stages, Verdict
from lambdas.parts.rds._databases import INSTANCE, ChangeDBInstances, Database
from lambdas.parts.rds._permissions import INSTANCES
from lambdas.parts.rds._power import HINTS, SLOW, DatabasePowerResult, Power, fell_back, of_cluster


@dataclass
class StartDBInstanceResult(DatabasePowerResult):
    """Result of rds.start_db_instance.

    changed: DB instances this call started, each in the state available.
    skipped: those that were already available or on their way there, members of clusters that only carry the tag, and
        those excluded by tag.
    """


@part(
    allow=(Allow(("rds:DescribeDBInstances", "rds:StartDBInstance"), INSTANCES),),
    cost="The DB instances are billed by the second, at least ten minutes for each start.",
    hints=HINTS,
    timeout=SLOW,
)
def start_db_instance(call: Call, **common: Unpack[ChangeDBInstances]) -> StartDBInstanceResult | Pending:
    """Start stopped DB instances and wait until they are available.

    Parameters:
    tag: "AutoOn=yes", or a list of which all must match; `*` and `?` are wildcards. With db_instance_identifier: of
        those, the ones with the tag.

    Result: StartDBInstanceResult.

    Errors:
    PartFailed: a DB instance does not exist, is broken, has no capacity or no network, fell back to stopped, or was
        named and is a member of a cluster.
    PartTimeout: a DB instance was not available when `timeout` ended.
    AccessDenied: the role may not start the DB instances.

    Source: "Starting an Amazon RDS DB instance that was previously stopped" (Amazon RDS User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 7 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="2h")
        def databases_on():
            \"\"\"Start the databases before the office opens, and be done when all of them are available.\"\"\"
            return rds.start_db_instance(tag="AutoOn=yes").summary
    """
    rds = call.client("rds")
    power = Power(call, INSTANCE, INSTANCE.chosen(common))

    def begin(database: Database) -> Verdict:
        if refused := of_cluster(database, power.selection, "rds.start_db_cluster") or power.broken(database):
            return refused
        return blocked(INSTANCE.state(database))

    def blocked(state: str) -> Verdict:
        match state:
            case "available":
                return Already(state, DONE)
            case "stopped":
                return "todo"
            case "stopping":
                return "blocked"
        # It runs, and AWS is at work on it.
        return Already(state, "sent")

    def sent(state: str) -> Verdict:
        return DONE if state == "available" else fell_back(power, start.since(), state) or "sent"

    late = "'{id}' is not available in time"
    stages = [
        Stage("blocked", "stopping", late, poll=power.poll(blocked)),
        # Refused for its state: by a request of before whose answer was lost, or by what has come between.
        Stage(
            "unclear",
            "to be started or stopped",
            late,
            poll=power.poll(lambda s: {"available": DONE, "stopped": "todo", "stopping": "unclear"}.get(s, "sent")),
        ),
        Each(
            "todo",
            "to be sent to start",
            late,
            request=lambda id_, dry: rds.start_db_instance(DBInstanceIdentifier=id_),
            asks=lambda id_: False,
            again={INSTANCE.bad_state: "unclear"},
        ),
        Stage("sent", "to be available", late, poll=power.poll(sent)),
    ]
    start = Stages(call, stages, verb="start", done="started", noun=INSTANCE.noun, population=INSTANCE.population)
    return start.run(lambda: power.plan(start, begin), StartDBInstanceResult(), power.show)
