"""Deployments in the middle of a run: a flow that is changed, renamed or removed still starts what it has stopped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightshift.local import LocalAws, up
from nightshift.local.errors import CommandFailed
from nightshift.local.fleet.client import FleetControl
from tests.cli.conftest import command
from tests.e2e.runs import ROOT, deployed, finished, instances, machine_arn, start
from tests.waiting import until

pytestmark = pytest.mark.e2e

FLOW = "nightly_backup"


@pytest.fixture(scope="module")
def flow_defs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the nightly backup and one flow beside it."""
    folder = tmp_path_factory.mktemp("flow_defs")
    shutil.copytree(ROOT / "flow_defs" / "templates", folder / "templates")
    for name in (FLOW, "morning_start"):
        source = (ROOT / "flow_defs" / f"{name}.py").read_text(encoding="utf-8")
        # Hours pass in the minutes of a deployment.
        (folder / f"{name}.py").write_text(source.replace('timeout="3h"', 'timeout="24h"'), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, flow_defs: Path) -> Iterator[LocalAws]:
    """A local AWS of its own, with these flows."""
    with deployed(tmp_path_factory.mktemp("changes"), flow_defs) as brought_up:
        yield brought_up


def deploy(local: LocalAws, flow_defs: Path) -> None:
    """Deploy the flows as they are now."""
    up(local.project, app=ROOT, flow_defs=flow_defs)


def stopped_by_a_run(local: LocalAws) -> tuple[str, dict[str, str]]:
    """Start the backup and wait until it has stopped the servers; the run, and how they were before.

    It then waits for its snapshots until `comes_back` lets it have them.
    """
    before = instances(local, Backup="nightly")
    FleetControl(local.fleet.url).add_fault("throttle", action="CreateSnapshot")
    run = start(local, FLOW)
    until(lambda: set(instances(local, Backup="nightly").values()) == {"stopped"}, "the servers to stop")
    return run, before


def comes_back(local: LocalAws, run: str, before: dict[str, str]) -> None:
    """The run ends well, and the servers are as they were."""
    FleetControl(local.fleet.url).clear_faults()
    ended = finished(local, run)
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    assert instances(local, Backup="nightly") == before


def deployed_flows(local: LocalAws) -> set[str]:
    """The names of the state machines."""
    machines = local.session().client("stepfunctions").list_state_machines()["stateMachines"]
    return {machine["name"].removeprefix("nightshift-") for machine in machines}


def test_a_flow_that_is_updated_renamed_and_removed_amid_a_run_ends_it_well(local: LocalAws, flow_defs: Path) -> None:
    file, renamed = flow_defs / f"{FLOW}.py", flow_defs / "backup.py"
    source = file.read_text(encoding="utf-8")

    run, before = stopped_by_a_run(local)
    file.write_text(source.replace("generation=7", "generation=5"), encoding="utf-8")
    deploy(local, flow_defs)
    comes_back(local, run, before)

    run, before = stopped_by_a_run(local)
    renamed.write_text(source.replace(FLOW, "backup"), encoding="utf-8")
    file.unlink()
    with pytest.raises(CommandFailed, match=f"{FLOW} is removed, and runs are under way: {run.rpartition(':')[2]}"):
        deploy(local, flow_defs)
    assert deployed_flows(local) == {FLOW, "morning_start"}
    comes_back(local, run, before)

    run, before = stopped_by_a_run(local)
    renamed.unlink()
    with pytest.raises(CommandFailed, match=f"{FLOW} is removed, and runs are under way"):
        deploy(local, flow_defs)
    FleetControl(local.fleet.url).clear_faults()
    retired = command("retire", FLOW, "--why", "replaced", cwd=local.project)
    assert (retired.code, retired.err) == (0, "")
    assert "has no runs under way" in retired.out
    comes_back(local, run, before)

    deploy(local, flow_defs)
    assert deployed_flows(local) == {"morning_start"}
    functions = {f["FunctionName"] for f in local.session().client("lambda").list_functions()["Functions"]}
    assert "nightshift-ebs-create_snapshot" not in functions

    file.write_text(source, encoding="utf-8")
    deploy(local, flow_defs)
    listed = command("list", "--flow-defs", str(flow_defs), cwd=local.project).out
    assert FLOW in listed
    run, before = stopped_by_a_run(local)
    comes_back(local, run, before)
    assert machine_arn(local, FLOW) in run.replace(":execution:", ":stateMachine:")
