"""The hours of databases in a simulation, and that a flow stops again what AWS starts after seven days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lambdas.parts import rds as parts
from nightshift.compiler import compile_file
from nightshift.local.seed import Database
from nightshift.simulation.picture import lines
from nightshift.simulation.report import Report
from nightshift.simulation.simulate import Scenario, Simulation

DATABASES = (
    Database("orders", {"AutoOff": "yes"}),
    Database("shop-1", {"AutoOff": "yes"}, "db.r6g.large", cluster="shop"),
    Database("archive", {"Keep": "yes"}),
)
FLOW = """
from lambdas.parts import rds
from nightshift import cron, flow


@flow(schedule=cron("{schedule}", timezone="Asia/Tokyo"), timeout="2h")
def databases_off():
    instances = rds.stop_db_instance(tag="AutoOff=yes", on_failure="continue")
    clusters = rds.stop_db_cluster(tag="AutoOff=yes", on_failure="continue")
    return [instances.summary, clusters.summary]
"""


def _simulated(folder: Path, source: str) -> Report:
    file = folder / "databases_off.py"
    file.write_text(source, encoding="utf-8")
    flows = compile_file(file)
    return Report(Simulation(Scenario(flows, date(2026, 4, 1), 20, "Asia/Tokyo", (), (), DATABASES)).run())


@pytest.mark.parametrize(
    ("source", "stops", "hours"),
    [
        # Stopped once at 20:00, AWS starts it after a week, and it runs on.
        (FLOW.format(schedule="0 20 1 * ? *"), 1, 20 + 12 * 24 + 4),
        # The week ends just after the flow of that evening, so that the next one ends a day of running.
        (FLOW.format(schedule="0 20 * * ? *"), 3, 20 + 24 + 24),
        # The example looks every hour of the night.
        (parts.stop_db_cluster.example, 3, 0.5 + 1 + 1),
    ],
    ids=("once", "every evening", "every hour of the night"),
)
def test_what_aws_starts_after_seven_days(tmp_path: Path, source: str, stops: int, hours: float) -> None:
    report = _simulated(tmp_path, source)
    assert not report.failures()
    found = report.simulation.meter.databases
    assert {name: h.type for name, h in found.items()} == {
        "orders": "db.t3.medium",
        "shop-1": "db.r6g.large",
        "archive": "db.t3.medium",
    }
    assert found["archive"].total == 20 * 24
    for name in ("orders", "shop-1"):
        assert found[name].stops == stops, name
        assert found[name].starts == max(1, stops - 1), name
        assert abs(found[name].total - hours) < 1, name
    assert [d["stops"] for d in report.as_json()["databases"]] == [stops, stops, 0]
    assert "database hours" in dict(lines(report))
