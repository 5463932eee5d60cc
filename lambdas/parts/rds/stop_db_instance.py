"""Stopping DB instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.stages import Already, Failed, Stages, Verdict
from lambdas.parts.rds._databases import INSTANCE, ChangeDBInstances, Database
from lambdas.parts.rds._permissions import INSTANCES
from lambdas.parts.rds._power import HINTS, SLOW, DatabasePowerResult, Power, of_cluster
from lambdas.parts.rds._stopping import before_stop, stop_stages


@dataclass
class StopDBInstanceResult(DatabasePowerResult):
    """Result of rds.stop_db_instance.

    changed: DB instances this call stopped, each in the state stopped; give it to rds.start_db_instance to undo.
    skipped: those that were already stopped or stopping, members of clusters that only carry the tag, and those
        excluded by tag.
    """


@part(
    allow=(Allow(("rds:DescribeDBInstances", "rds:StopDBInstance"), INSTANCES),),
    cost="A stopped DB instance is not billed for its hours; its storage and its backups are.",
    hints=HINTS,
    timeout=SLOW,
)
def stop_db_instance(call: Call, **common: Unpack[ChangeDBInstances]) -> StopDBInstanceResult | Pending:
    """Stop DB instances and wait until they are stopped.

    AWS starts a stopped DB instance again after seven days; a flow that runs every day stops it again. A DB instance
    that is being backed up or modified is stopped when that is done.

    Parameters:
    tag: "AutoOff=yes", or a list of which all must match; `*` and `?` are wildcards. With db_instance_identifier: of
        those, the ones with the tag.

    Result: StopDBInstanceResult.

    Errors:
    PartFailed: a DB instance does not exist, is broken, is or has a read replica, runs SQL Server in several zones, or
        was named and is a member of a cluster.
    PartTimeout: a DB instance was not stopped when `timeout` ended.
    AccessDenied: the role may not stop the DB instances.

    Source: "Stopping an Amazon RDS DB instance temporarily" (Amazon RDS User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 20 * * ? *", timezone="Asia/Tokyo"), timeout="2h")
        def databases_off():
            \"\"\"Stop the test databases every night, and so again what AWS has started after seven days.\"\"\"
            return rds.stop_db_instance(tag="AutoOff=yes", on_failure="continue").summary
    """
    rds = call.client("rds")
    power = Power(call, INSTANCE, INSTANCE.chosen(common))

    def begin(database: Database) -> Verdict:
        if refused := of_cluster(database, power.selection, "rds.stop_db_cluster") or power.broken(database):
            return refused
        verdict = before_stop(INSTANCE.state(database))
        return verdict if isinstance(verdict, Already) else _cannot_stop(database) or verdict

    stages = stop_stages(power, lambda id_: rds.stop_db_instance(DBInstanceIdentifier=id_))
    stop = Stages(call, stages, verb="stop", done="stopped", noun=INSTANCE.noun, population=INSTANCE.population)
    return stop.run(lambda: power.plan(stop, begin), StopDBInstanceResult(), power.show)


def _cannot_stop(database: Database) -> Failed | None:
    """What RDS would refuse. Amazon RDS User Guide, "Stopping an Amazon RDS DB instance temporarily", limitations."""
    if source := database.get("ReadReplicaSourceDBInstanceIdentifier") or database.get(
        "ReadReplicaSourceDBClusterIdentifier"
    ):
        return Failed("InvalidDBInstanceState", f"'{{id}}' is a read replica of {source}, and those cannot be stopped")
    replicas = [
        *database.get("ReadReplicaDBInstanceIdentifiers", []),
        *database.get("ReadReplicaDBClusterIdentifiers", []),
    ]
    if replicas:
        text = f"'{{id}}' has the read replica {', '.join(replicas)}, and with one it cannot be stopped"
        return Failed("InvalidDBInstanceState", text)
    if database.get("MultiAZ") and database.get("Engine", "").startswith("sqlserver"):
        text = "'{id}' runs SQL Server in several zones (Multi-AZ), and so it cannot be stopped"
        return Failed("InvalidDBInstanceState", text)
    return None
