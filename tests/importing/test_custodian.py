"""Policies of Cloud Custodian, imported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.importing.custodian_flows import import_custodian
from nightshift.local.seed import Machine
from nightshift.simulation.simulate import Scenario, Simulation
from tests.cli.conftest import Cli, cli
from tests.importing.laid_out import assert_laid_out

__all__ = ["cli"]

POLICIES = Path(__file__).parent / "configs" / "policies.yml"


def test_the_file_is_laid_out_compiles_and_tells_what_is_left(cli: Cli, tmp_path: Path) -> None:
    done = cli("import", "custodian", POLICIES, "-o", tmp_path)
    assert done.code == 0, done.err
    assert cli("check", tmp_path).code == 0
    assert_laid_out(tmp_path)
    assert f"{POLICIES}:79: unencrypted: no flow was written: the filter Encrypted" in done.out
    assert f"{POLICIES}:82: public-buckets: no flow was written for s3" in done.out
    text = (tmp_path / "policies.py").read_text()
    assert 'weekdays("20:00", timezone="America/New_York", except_on=["2026-12-24", "2026-12-31"])' in text
    assert 'ec2.start_instances(tag="Env=test", exclude_tag=["downtime=off", "downtime=*=*"])' in text
    assert 'weekly("FRI", "22:00", timezone="Asia/Tokyo")' in text
    assert 'ebs.delete_snapshot(tag="Purpose", exclude_tag="Keep", older_than="30d")' in text


def test_who_opted_out_stays_and_skipped_days_pass(tmp_path: Path) -> None:
    """From Monday, 21 December 2026: the 24th, a Thursday, is skipped."""
    text = import_custodian(POLICIES).files["policies.py"]
    (tmp_path / "policies.py").write_text(text)
    flows = [flow for flow in compile_file(tmp_path / "policies.py") if flow.name == "office_stop"]
    machines = tuple(Machine(f"m{n}", {"downtime": v}) for n, v in enumerate(("on", "off", "off=(M-F,19);on=(M-F,7)")))
    ran = Simulation(Scenario(flows, date(2026, 12, 21), 7, "America/New_York", machines=machines)).run()
    assert len([run for run in ran.runs if run.status == "SUCCEEDED"]) == 4
    assert {hours.name: hours.stops for hours in ran.meter.hours.values()} == {"m0": 1, "m1": 0, "m2": 0}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("offhour: 20", "offhour: 25", 10, "offhour is 25"),
        ("default_tz: jst", "default_tz: mars", 29, "default_tz is 'mars'"),
        ("days: 30", "days: -1", 58, "days is -1"),
        ("resource: rds", "resources: rds", 25, "the policy has no resource"),
        ("policies:", "policy:", 1, "no policy is in it"),
        ("actions: [start]", "actions: start", 24, "actions is no list"),
        ("actions: [start]", "actions: [start", 25, "this is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    old: str, new: str, line: int, said: str, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "policies.yml"
    file.write_text(POLICIES.read_text().replace(old, new, 1))
    done = cli("import", "custodian", file, "-o", tmp_path)
    assert (done.code, f"{file}:{line}: " in done.err, said in done.err) == (1, True, True), done.err
