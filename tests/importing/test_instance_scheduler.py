"""Configurations of Instance Scheduler, imported: the files, and what they do in the simulation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.importing.instance_scheduler import import_instance_scheduler
from nightshift.local.seed import Machine
from nightshift.simulation.meters import Hours
from nightshift.simulation.report import Report
from nightshift.simulation.simulate import Scenario, Simulation
from tests.cli.conftest import Cli, cli
from tests.importing.laid_out import assert_laid_out

__all__ = ["cli"]

CONFIGS = Path(__file__).parent / "configs"
TABLE = CONFIGS / "table.json"


def machine(schedule: str, *, running: bool = False) -> Machine:
    """A machine of a schedule."""
    return Machine(schedule, {"Schedule": schedule}, running=running)


def simulated(
    folder: Path, source: Path, names: tuple[str, ...], first: date, days: int, *, zone: str
) -> dict[str, Hours]:
    """The hours of machines of these schedules, stopped at first, while the imported flows run."""
    imported = import_instance_scheduler([source])
    flows = []
    for name, text in imported.files.items():
        (folder / name).write_text(text, encoding="utf-8")
        flows += compile_file(folder / name)
    scenario = Scenario(flows, first, days, zone, machines=tuple(machine(name) for name in names))
    report = Report(Simulation(scenario).run())
    assert {run.status for run in report.simulation.runs} <= {"SUCCEEDED"}
    return {hours.name: hours for hours in report.simulation.meter.hours.values()}


@pytest.mark.parametrize(
    "source", [[TABLE], [CONFIGS / "template.yml"], [CONFIGS / "schedules.json", CONFIGS / "periods.json"]]
)
def test_the_files_are_laid_out_and_compile(source: list[Path], cli: Cli, tmp_path: Path) -> None:
    done = cli("import", "instance-scheduler", *source, "--out", tmp_path / "flow_defs")
    assert done.code == 0, done.err
    assert cli("check", tmp_path / "flow_defs").code == 0
    assert_laid_out(tmp_path / "flow_defs")


def test_a_fortnight_with_the_end_of_summer_time(tmp_path: Path) -> None:
    """From Monday, 19 October 2026; the clock is set back on Sunday, the 25th."""
    hours = simulated(tmp_path, TABLE, ("office-hours", "weekend"), date(2026, 10, 19), 15, zone="Europe/Berlin")
    assert (hours["office-hours"].starts, hours["office-hours"].stops) == (11, 11)
    assert abs(hours["office-hours"].total - 11 * 8) < 0.5
    assert (hours["weekend"].starts, hours["weekend"].stops) == (2, 2)
    assert abs(hours["weekend"].total - (49 + 48)) < 0.2


def test_a_year(tmp_path: Path) -> None:
    """2026 has 261 weekdays and 52 weekends; it ends on a Thursday."""
    hours = simulated(tmp_path, TABLE, ("office-hours", "weekend"), date(2026, 1, 1), 365, zone="Europe/Berlin")
    assert (hours["office-hours"].starts, hours["office-hours"].stops) == (261, 261)
    assert (hours["weekend"].starts, hours["weekend"].stops) == (52, 52)


def test_adjacent_periods_are_one(tmp_path: Path) -> None:
    """Two shifts with a minute between them, Saturday to Monday: the weekend of 31 October and the day after it."""
    hours = simulated(tmp_path, CONFIGS / "template.yml", ("shifts",), date(2026, 10, 31), 3, zone="America/New_York")
    assert (hours["shifts"].starts, hours["shifts"].stops) == (3, 3)
    assert abs(hours["shifts"].total - 3 * 16) < 0.2


def test_what_ran_before_is_retained(tmp_path: Path) -> None:
    text = import_instance_scheduler([TABLE]).files["office_hours.py"]
    (tmp_path / "office_hours.py").write_text(text)
    both = (Machine("before", {"Schedule": "office-hours"}, running=True), machine("office-hours"))
    flows = compile_file(tmp_path / "office_hours.py")
    ran = Simulation(Scenario(flows, date(2026, 10, 19), 5, "Europe/Berlin", machines=both)).run()
    stops = {hours.name: hours.stops for hours in ran.meter.hours.values()}
    assert stops == {"before": 0, "office-hours": 5}


def test_a_size_is_taken_on_before_the_start() -> None:
    text = import_instance_scheduler([TABLE]).files["sized.py"]
    assert 'schedule=weekly("SAT", "00:00", timezone="Asia/Tokyo")' in text
    assert 'ec2.modify_instance_attribute(tag=tag, instance_type="m5.xlarge", restart=True)' in text
    assert "ec2.stop_instances(tag=tag, hibernate=True)" in text


def test_an_override_takes_the_schedule_away_and_says_which(cli: Cli, tmp_path: Path) -> None:
    done = cli("import", "instance-scheduler", TABLE, "-o", tmp_path / "flow_defs")
    assert '@flow(timeout="1h")\ndef start_patch_day(' in (tmp_path / "flow_defs" / "patch_day.py").read_text()
    assert 'give it schedule=cron("30 2 ? * MON#2 *", timezone="Europe/Berlin")' in done.out
    assert "patch-day: the clock of Europe/Berlin leaps over 02:30" not in done.out, (
        "Mondays are never those of the leap"
    )


def test_a_time_that_the_clock_leaps_over_is_told(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    file.write_text(TABLE.read_text().replace('"mon#2"', '"sun"'))
    notes = [str(note) for note in import_instance_scheduler([file]).notes]
    assert any("leaps over 02:30 in spring" in note for note in notes)


def test_the_cli_output_is_two_files() -> None:
    (text,) = import_instance_scheduler([CONFIGS / "schedules.json", CONFIGS / "periods.json"]).files.values()
    # A begin alone ends with the day that the period falls on; an end alone starts nothing.
    assert 'schedule=weekdays("07:15")' in text
    assert 'weekly(["SUN", "SAT"], "19:45")' in text
    assert 'weekly("SAT", "00:00")' not in text, "Saturday wants any state until its end"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('"mon-fri"', '"moon-fri"', 15, "weekdays has 'moon-fri'"),
        ('"09:00"', '"25:00"', 13, "begintime is '25:00'"),
        ('"09:00"', '"18:00"', 13, "begintime 18:00 is later than endtime 17:00"),
        ('["weekends"]', '["weekend"]', 32, "there is no period 'weekend'"),
        ('"Asia/Tokyo"', '"Asia/Tokio"', 37, "timezone is 'Asia/Tokio'"),
        ('{"S": "stopped"}', '{"S": "asleep"}', 45, "override_status is 'asleep'"),
        ('"Items": [', '"Items": [,', 2, "this is no JSON"),
        ('"schedule"', '"period"', 1, "no schedule is in it"),
        ("@m5.large", "@m9.huge", 0, "m9.huge"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    old: str, new: str, line: int, said: str, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "table.json"
    file.write_text(TABLE.read_text().replace(old, new))
    done = cli("import", "instance-scheduler", file, "-o", tmp_path / "flow_defs")
    assert done.code == 1
    assert said in done.err
    assert (f"{file}:{line}: " in done.err) == bool(line)
    assert not (tmp_path / "flow_defs").exists()


def test_no_file_is_overwritten(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "office_hours.py").write_text("mine")
    done = cli("import", "instance-scheduler", TABLE, "-o", tmp_path)
    assert (done.code, "is there already" in done.err) == (1, True)
    assert (tmp_path / "office_hours.py").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["office_hours.py"]
