"""Tags of records and dates, in the flow that the page about the language shows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import nightshift
from lambdas.parts import ec2
from nightshift.compiler import compile_file
from nightshift.compiler.module import load
from nightshift.local.fleet.client import run_fleet
from nightshift.local.seed import Machine
from nightshift.simulation.simulate import Scenario, Simulation

PAGE = Path(__file__).parents[2] / "docs" / "language.md"


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """The flow of the page, in a file."""
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "shown.py"
    file.write_text(next(text for text in snippets if "def tidy_test_servers" in text), encoding="utf-8")
    return file


def test_a_server_is_warned_of_and_stopped_three_days_later(shown: Path) -> None:
    """In the simulation, which runs the compiled flow."""
    machines = (Machine("kept", {"Env": "prod"}), Machine("forgotten", {"Env": "test"}))
    scenario = Scenario(compile_file(shown), date(2026, 11, 24), 6, "Asia/Tokyo", machines=machines)
    runs = Simulation(scenario).run().runs
    assert [run.status for run in runs] == ["SUCCEEDED"] * 6
    assert [day for day, run in enumerate(runs) if run.changed["ec2.create_tags"]] == [0]
    assert [day for day, run in enumerate(runs) if run.changed["ec2.stop_instances"]] == [3]


def test_the_same_under_cpython(shown: Path) -> None:
    """On a fleet, with the due times of two days; the Name tag of a record is read as the page says."""
    (flow, _), *_ = load(shown).flows()
    with run_fleet() as fleet:
        tags = [
            {"Key": "Env", "Value": "test"},
            {"Key": "Name", "Value": "forgotten"},
            {"Key": "Warned", "Value": "2026-11-24"},
        ]
        spec = [{"ResourceType": "instance", "Tags": tags}]
        fleet.client().run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=spec)
        fleet.settle()
        for due, state in (("2026-11-26T11:00:00Z", "running"), ("2026-11-27T11:00:00Z", "stopped")):
            trigger = {"type": "schedule", "scheduled_time": due}
            with nightshift.local_run(fleet, log=lambda line: None, trigger=trigger):
                flow()
                found = ec2.describe_instances(tag="Env=test")
                assert found.instances[0].tags["Name"] == "forgotten"
                assert found.instances[0].state == state
