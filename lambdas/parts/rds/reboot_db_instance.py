"""Rebooting DB instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.stages import DONE, Each, Failed, Skipped, Stage, Stages, Verdict
from lambdas.parts.rds._databases import INSTANCE, ChangeDBInstances, Database
from lambdas.parts.rds._permissions import INSTANCES
from lambdas.parts.rds._power import HINTS, SLOW, STALE, DatabasePowerResult, Power


@dataclass
class RebootDBInstanceResult(DatabasePowerResult):
    """Result of rds.reboot_db_instance.

    changed: DB instances that were rebooted, each available again.
    skipped: those that were not available, and those excluded by tag.
    """


@part(
    allow=(Allow(("rds:DescribeDBInstances", "rds:RebootDBInstance"), INSTANCES),),
    cost="Nothing besides; a DB instance is billed on while it reboots.",
    hints=HINTS,
    timeout=SLOW,
)
def reboot_db_instance(
    call: Call, *, force_failover: bool = False, **common: Unpack[ChangeDBInstances]
) -> RebootDBInstanceResult | Pending:
    """Reboot DB instances, also members of clusters, and wait until they are available again.

    A reboot is what changes of static parameters wait for. An invocation that is repeated after a crash may reboot once
    more, when the first reboot was over within seconds.

    Parameters:
    tag: "Patch=weekly", or a list of which all must match; `*` and `?` are wildcards. With db_instance_identifier: of
        those, the ones with the tag.
    force_failover: fail over to the standby in another zone; only DB instances with Multi-AZ have one.

    Result: RebootDBInstanceResult.

    Errors:
    PartFailed: a DB instance does not exist, broke on its way, or has no standby to fail over to.
    PartTimeout: a DB instance was not available again when `timeout` ended.
    AccessDenied: the role may not reboot the DB instances.

    Source: "Rebooting a DB instance" (Amazon RDS User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 ? * SUN *", timezone="Asia/Tokyo"), timeout="2h")
        def apply_parameters():
            \"\"\"Reboot the databases one after the other, so that new parameters apply.\"\"\"
            return rds.reboot_db_instance(tag="Reboot=weekly", at_most=1, max_failures=0).summary
    """
    rds = call.client("rds")
    power = Power(call, INSTANCE, INSTANCE.chosen(common))

    def begin(database: Database) -> Verdict:
        if (state := INSTANCE.state(database)) != "available":
            return Skipped(f"is {state}")
        if force_failover and not database.get("MultiAZ"):
            return Failed("InvalidParameterCombination", "'{id}' has no standby to fail over to: it is not Multi-AZ")
        return "todo"

    late = "'{id}' is not available again in time"
    stages = [
        Each(
            "todo",
            "to reboot",
            late,
            # A reboot whose answer was lost shows here.
            poll=power.poll(lambda state: "sent" if state == "rebooting" else "todo"),
            request=lambda id_, dry: rds.reboot_db_instance(DBInstanceIdentifier=id_, ForceFailover=force_failover),
            asks=lambda id_: False,
        ),
        Stage(
            "sent",
            "to be available again",
            late,
            poll=power.poll(lambda state: DONE if state == "available" else "sent"),
            settle=STALE,
        ),
    ]
    reboot = Stages(call, stages, verb="reboot", done="rebooted", noun=INSTANCE.noun, population=INSTANCE.population)
    return reboot.run(lambda: power.plan(reboot, begin), RebootDBInstanceResult(), power.show)
