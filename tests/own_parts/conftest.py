"""Projects with parts of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lambdas.parts import set_own_parts
from nightshift.own_parts import use_own_parts

Write = Callable[[str, str], Path]

STOP = '''"""Stopping database instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Common, Pending, Result, Skipped, part


@dataclass
class StopDbInstanceResult(Result):
    """Result of rds.stop_db_instance."""


@part(
    allow=(Allow(("rds:DescribeDBInstances", "rds:StopDBInstance"), ("arn:${AWS::Partition}:rds:*:*:db:*",)),),
)
def stop_db_instance(
    call: Call, *, db_instance: str, **common: Unpack[Common]
) -> StopDbInstanceResult | Pending:
    """Stop a database instance and wait until it is stopped.

    Parameters:
    db_instance: its identifier.
    """
    rds = call.client("rds")
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=db_instance)["DBInstances"]
    result = StopDbInstanceResult(matched=[db_instance], summary=f"stopped {db_instance}")
    if found["DBInstanceStatus"] == "stopped" and not call.state:
        result.skipped = [Skipped(db_instance, "stopped already")]
    elif call.dry_run or found["DBInstanceStatus"] == "stopped":
        result.changed = [db_instance]
    else:
        if not call.state:
            rds.stop_db_instance(DBInstanceIdentifier=db_instance)
        return Pending({"asked": True}, f"{db_instance} to be stopped")
    return result
'''

FLOW = '''from nightshift import cron, flow
from parts import rds


@flow(schedule=cron("0 22 * * ? *", timezone="UTC"))
def stop_databases(db_instance: str = "db-1"):
    """Stop the database."""
    stopped = rds.stop_db_instance(db_instance=db_instance)
    return stopped.changed
'''


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """The next test knows no parts of this one."""
    yield
    set_own_parts({})


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Writes a file of the project in `tmp_path`, which has a flow with a part of its own."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    written("flow_defs/stop_databases.py", FLOW)
    written("parts/rds/stop_db_instance.py", STOP)
    yield written
    use_own_parts(tmp_path / "without" / "parts" / "beside")


@pytest.fixture
def flow_defs(tmp_path: Path, write: Write) -> Path:
    """Its folder of flows."""
    return tmp_path / "flow_defs"
