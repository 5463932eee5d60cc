"""A configuration of Instance Scheduler, imported by the command and run on a local AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import command
from tests.e2e.runs import deployed, finished, instances, start

pytestmark = pytest.mark.e2e

CONFIG = [
    {"type": "period", "name": "day", "begintime": "07:00", "endtime": "19:00", "weekdays": ["mon-fri"]},
    {"type": "schedule", "name": "nightly", "periods": ["day"], "timezone": "Asia/Tokyo", "retain_running": True},
]


def test_an_imported_schedule_stops_and_starts(tmp_path: Path) -> None:
    """What ran before its first start is retained, and what it has started it stops."""
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    options = ("--tag-key", "Backup", "-o", tmp_path / "flow_defs")
    done = command("import", "instance-scheduler", tmp_path / "config.json", *options, cwd=tmp_path)
    assert done.code == 0, done.err
    with deployed(tmp_path, tmp_path / "flow_defs") as local:
        before = instances(local, Backup="nightly")
        for flow in ("stop_nightly", "start_nightly"):
            assert finished(local, start(local, flow))["status"] == "SUCCEEDED"
            assert {name for name, state in before.items() if state == "running"} <= {
                name for name, state in instances(local, Backup="nightly").items() if state == "running"
            }
        assert set(instances(local, Backup="nightly").values()) == {"running"}
        assert finished(local, start(local, "stop_nightly"))["status"] == "SUCCEEDED"
        assert instances(local, Backup="nightly") == before
