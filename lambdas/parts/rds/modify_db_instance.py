"""Changing the class or the storage of DB instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.stages import DONE, Each, Failed, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.rds._databases import INSTANCE, ChangeDBInstances, Database
from lambdas.parts.rds._permissions import INSTANCES
from lambdas.parts.rds._power import HINTS, STALE, DatabasePowerResult, Power

_NO_CLASS = ("InsufficientDBInstanceCapacity", "InvalidParameterCombination")
"""Codes for a class that a DB instance cannot have: there is none now, or its engine does not run on it."""

_SERVES = ("available", "storage-optimization", "storage-config-upgrade")
"""States in which a DB instance serves, and larger storage is being spread."""


@dataclass
class ModifyDBInstanceResult(DatabasePowerResult):
    """Result of rds.modify_db_instance.

    changed: DB instances that were changed, or (without apply_immediately) that RDS changes in their window.
    skipped: those that are already so, or wait for their window already, and those excluded by tag.
    fallen_back: DB instances that got one of the fallback classes.
    """

    fallen_back: list[str] = field(default_factory=list)


@part(
    allow=(Allow(("rds:DescribeDBInstances", "rds:ModifyDBInstance"), INSTANCES),),
    cost="The price of the new class from the change on, and of the larger storage, which never gets smaller again.",
    hints={
        **HINTS,
        "StorageQuotaExceeded": "The account has as much storage for databases as it may have: have the quota raised.",
        "InsufficientDBInstanceCapacity": "AWS has none of these classes in the zone now: name more fallback_classes, "
        "or try again later.",
    },
    timeout="3h",
    interval=30,
    one_of=(("db_instance_class", "allocated_storage"),),
)
def modify_db_instance(
    call: Call,
    *,
    db_instance_class: str | None = None,
    fallback_classes: list[str] | None = None,
    allocated_storage: int | None = None,
    apply_immediately: bool = False,
    **common: Unpack[ChangeDBInstances],
) -> ModifyDBInstanceResult | Pending:
    """Change the class of DB instances, or enlarge their storage, and wait until it is so.

    With apply_immediately a new class interrupts the DB instance for minutes (Multi-AZ: for its failover), and the part
    is done when it is available with it. Without, RDS does it in the maintenance window of each, and the part is done
    when RDS shows that the change waits for it.

    When AWS has none of a class, or the engine does not run on it, the fallback classes are tried in their order. A
    DB instance that can have none of them keeps its class and counts as failed.

    Parameters:
    tag: "Role=reports", or a list of which all must match; `*` and `?` are wildcards. With db_instance_identifier: of
        those, the ones with the tag.
    db_instance_class: the new class, such as "db.r6g.xlarge".
    fallback_classes: classes to try when `db_instance_class` cannot be had.
    allocated_storage: GiB the storage is to have at least; also the way out for one in the state storage-full.
    apply_immediately: now, and not in the maintenance window.

    Result: ModifyDBInstanceResult.

    Errors:
    PartFailed: a DB instance does not exist, is stopped or broken, or could have none of the classes.
    PartTimeout: a DB instance was not changed when `timeout` ended.
    AccessDenied: the role may not modify the DB instances.
    InvalidParameter: neither a class nor storage is given.

    Source: "Modifying an Amazon RDS DB instance" (Amazon RDS User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 21 L * ? *", timezone="Asia/Tokyo"), timeout="4h")
        def larger_for_the_closing():
            \"\"\"Give the databases of the reports a larger class for the last night of the month.\"\"\"
            changed = rds.modify_db_instance(
                tag="Role=reports",
                db_instance_class="db.r6g.2xlarge",
                fallback_classes=["db.r5.2xlarge"],
                apply_immediately=True,
            )
            return changed.fallen_back
    """
    if not db_instance_class and not allocated_storage:
        raise InvalidParameter("give db_instance_class or allocated_storage; without, nothing is changed")
    rds = call.client("rds")
    power = Power(call, INSTANCE, INSTANCE.chosen(common))
    classes = _Classes(call, list(dict.fromkeys(filter(None, [db_instance_class, *(fallback_classes or [])]))))

    def lacks(database: Database, pending: bool) -> bool:
        """Whether it has not what is asked. pending: whether what RDS still does counts."""
        seen = {**database, **(database["Pending"] if pending else {})}
        wanted = classes.wanted(database[INSTANCE.key])
        too_small = (seen.get("AllocatedStorage") or 0) < (allocated_storage or 0)
        return too_small or bool(wanted and seen.get("DBInstanceClass") != wanted)

    def begin(database: Database) -> Verdict:
        state = INSTANCE.state(database)
        if allocated_storage and database.get("DBClusterIdentifier"):
            return Failed(
                "InvalidParameterCombination", "'{id}' is a member of a cluster, whose storage grows by itself"
            )
        if not lacks(database, pending=False):
            return Skipped("already so")
        if not apply_immediately and not lacks(database, pending=True):
            return Skipped("already waits for its maintenance window")
        if state in ("stopped", "stopping"):
            return Failed(INSTANCE.bad_state, f"'{{id}}' is {state}, and RDS modifies what runs: start it before")
        return broken(database) or ("todo" if state in _SERVES or state == "storage-full" else "blocked")

    def broken(database: Database) -> Failed | None:
        full = INSTANCE.state(database) == "storage-full"
        return None if full and allocated_storage else power.broken(database)

    def poll(seen: Any) -> Any:
        def judged(ids: list[str]) -> Verdicts:
            found = {database[INSTANCE.key]: database for database in INSTANCE.by_id(call, ids)}
            for id_ in ids:
                if (database := found.get(id_)) is None:
                    yield id_, Failed(INSTANCE.not_found, INSTANCE.absent)
                    continue
                power.seen(database)
                yield id_, broken(database) or seen(database)

        return judged

    def before(database: Database) -> Verdict:
        """A request whose answer was lost shows here."""
        if lacks(database, pending=True):
            return "todo" if INSTANCE.state(database) in (*_SERVES, "storage-full") else "blocked"
        return "sent" if apply_immediately else DONE

    def sent(database: Database) -> Verdict:
        serves = INSTANCE.state(database) in _SERVES
        if not lacks(database, pending=not apply_immediately):
            return DONE if serves or not apply_immediately else "sent"
        # RDS has given it up: it serves as before, and nothing of it is pending any more.
        if serves and lacks(database, pending=True) and modify.since() > STALE:
            id_ = database[INSTANCE.key]
            given_up = Failed("ModificationFailed", "'{id}' is available and not changed; its events in RDS tell why")
            return classes.next(id_) or given_up
        return "sent"

    def request(id_: str, dry_run: bool) -> Any:
        wanted = classes.wanted(id_)
        changes: dict[str, Any] = {"DBInstanceClass": wanted} if wanted else {}
        if allocated_storage:
            changes["AllocatedStorage"] = allocated_storage
        return rds.modify_db_instance(DBInstanceIdentifier=id_, ApplyImmediately=apply_immediately, **changes)

    def finish(result: ModifyDBInstanceResult) -> None:
        power.show(result)
        result.fallen_back = [id_ for id_ in result.changed if classes.wanted(id_) != db_instance_class]

    late = "'{id}' is not changed in time"
    stages = [
        Stage("blocked", "to be available", late, poll=poll(before)),
        Each(
            "todo",
            "to be modified",
            late,
            poll=poll(before),
            request=request,
            asks=lambda id_: False,
            again={INSTANCE.bad_state: "blocked"},
            refused=lambda id_, code, message: classes.next(id_) if code in _NO_CLASS else None,
        ),
        Stage("sent", "to have it", late, poll=poll(sent)),
    ]
    modify = Stages(call, stages, verb="modify", done="modified", noun=INSTANCE.noun, population=INSTANCE.population)
    return modify.run(lambda: power.plan(modify, begin), ModifyDBInstanceResult(), finish)


class _Classes:
    """Which class each DB instance is to get: the first one, unless it could not have that."""

    def __init__(self, call: Call, classes: list[str]) -> None:
        self.call, self.classes = call, classes

    def wanted(self, id_: str) -> str:
        """The class to ask for; "" when only the storage changes."""
        tried: int = self.call.state.get("tried", {}).get(id_, 0)
        return self.classes[tried] if self.classes else ""

    def next(self, id_: str) -> str | None:
        """Go on to the next class, in the stage of that name; None when there is none."""
        tried = self.call.state.setdefault("tried", {})
        if tried.get(id_, 0) + 1 >= len(self.classes):
            return None
        tried[id_] = tried.get(id_, 0) + 1
        return "todo"
