"""Jobs of a simulation, as `tests/fleet.py` of a project describes them: their runs, hours and money."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nightshift.testing import simulate
from tests.cli.conftest import command

FLOW = """
from lambdas.parts import batch, stepfunctions
from nightshift import cron, flow


@flow(schedule=cron("0 1 * * ? *", timezone="UTC"), timeout="8h")
def nightly():
    batch.submit_job(job_queue="night", job_definition="render", timeout="6h")
    closing = "arn:aws:states:us-east-1:123456789012:stateMachine:close"
    return stepfunctions.start_execution(state_machine_arn=closing).output
"""
OFFICE = """
from lambdas.parts import ecs
from nightshift import cron, flow


@flow(schedule=cron("0 20 * * ? *", timezone="UTC"), timeout="1h")
def close_the_office():
    ecs.update_service(cluster="shop", service="web", desired_count=0)


@flow(schedule=cron("0 8 * * ? *", timezone="UTC"), timeout="1h")
def open_the_office():
    ecs.update_service(cluster="shop", service="web", restore=True)
"""
FLEET = """
from nightshift.testing import Work

FLEET = []
WORK = [
    Work("batch", "render", where="night", seconds=2 * 3600, exit_code=1, failing=1, price=0.5),
    Work("stepfunctions", "close", seconds=600, answer={"closed": True}),
    Work("service", "web", where="shop", tasks=4, price=0.05),
]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in (("flow_defs/nightly.py", FLOW), ("flow_defs/office.py", OFFICE), ("tests/fleet.py", FLEET)):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_jobs_run_each_night_for_their_hours(project: Path) -> None:
    report = simulate(project / "flow_defs", days=4)
    assert [told.flow for told in report.failures()] == ["nightly"]
    rendered, closed, web = report.simulation.worked
    assert (rendered.runs, rendered.failed, closed.runs, closed.failed) == (4, 1, 3, 0)
    assert (round(rendered.hours, 2), round(rendered.cost, 2)) == (8, 4)
    assert round(closed.hours, 2) == 0.5
    # Four tasks from 8 to 20 each day, and in the first night until they are closed for the first time.
    assert web.runs == 7
    assert web.hours == pytest.approx(4 * (4 * 12 + 8), abs=0.5)
    assert web.cost == pytest.approx(web.hours * 0.05)


def test_the_command_tells_of_them(project: Path) -> None:
    told = command("simulate", "--from", "2026-01-05", "--days", "2", cwd=project).out
    assert [line.split()[:4] for line in told.splitlines() if line.startswith("web ")] == [["web", "service", "3", "0"]]
    done = command("simulate", "--from", "2026-01-05", "--days", "2", "--json", cwd=project)
    assert json.loads(done.out)["work"][0] == {
        "kind": "batch",
        "name": "render",
        "runs": 2,
        "failed": 1,
        "hours": 4.0,
        "cost": 2.0,
    }
