"""A year of flows against counts that were made by hand, with a calendar of Japan on paper."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.local.seed import Machine
from nightshift.simulation.picture import strip, svg
from nightshift.simulation.report import Report
from nightshift.simulation.simulate import Scenario, Simulation
from tests.cli.conftest import Cli, cli

__all__ = ["cli"]

FOLDER = Path(__file__).parent / "flow_defs"
FLOWS = {flow.name: flow for flow in compile_file(FOLDER / "flows.py")}
MACHINES = (
    Machine("office-1", {"Hours": "office"}, running=False),
    Machine("archive-1", {"Role": "archive"}, sizes=(8, 100)),
)
BUSINESS_DAYS = {
    "2026-04": 22 - 1,  # 29 April
    "2026-05": 21 - 3,  # 4 to 6 May
    "2026-06": 22,
    "2026-07": 23 - 1,  # 20 July
    "2026-08": 21 - 1,  # 11 August
    "2026-09": 22 - 3,  # 21 to 23 September
    "2026-10": 22 - 1,  # 12 October
    "2026-11": 21 - 2,  # 3 and 23 November
    "2026-12": 23 - 3,  # 29 to 31 December, closed
    "2027-01": 21 - 2,  # 1 and 11 January
    "2027-02": 20 - 2,  # 11 and 23 February
    "2027-03": 23 - 1,  # 22 March, for the 21st
}
"""Of fiscal 2026: weekdays less the holidays among them."""
YEAR = 241
LAST_BUSINESS_DAYS = [30, 29, 30, 31, 31, 30, 30, 30, 28, 29, 26, 31]


def simulate(*names: str, days: int, first: date = date(2026, 4, 1)) -> Report:
    """Simulate some of the flows."""
    flows = [FLOWS[name] for name in names]
    return Report(Simulation(Scenario(flows, first, days, "Asia/Tokyo", machines=MACHINES)).run())


@pytest.fixture(scope="module")
def year() -> Report:
    """Fiscal 2026."""
    return simulate("office_hours", "three_generations", "closing", days=365)


def test_the_months_make_the_year() -> None:
    assert sum(BUSINESS_DAYS.values()) == YEAR


def test_business_days_of_each_month(year: Report) -> None:
    opened = [ran for ran in year.simulation.runs if ran.flow == "office_hours" and not ran.skipped]
    assert len(opened) == 2 * YEAR
    months = Counter(f"{day:%Y-%m}" for day, counts in year.runs_by_day("office_hours").items() if counts["SUCCEEDED"])
    assert months == BUSINESS_DAYS


def test_hours_an_instance_ran(year: Report) -> None:
    hours = {h.name: h for h in year.simulation.meter.hours.values()}
    assert (hours["office-1"].starts, hours["office-1"].stops) == (YEAR, YEAR)
    # Starting takes some seconds that are not billed, and stopping begins some seconds after six.
    assert abs(hours["office-1"].total - 9 * YEAR) < YEAR * 60 / 3600
    assert hours["archive-1"].total == 365 * 24


def test_three_generations_are_kept_of_both_volumes(year: Report) -> None:
    kept = list(year.snapshots_by_day().values())
    assert kept[:4] == [2, 4, 6, 6]
    assert set(kept[3:]) == {6}
    (made,) = [flow for flow in year.flows() if flow.flow == "three_generations"]
    assert (made.runs, made.failed) == (365, 0)
    assert made.changed == {"ebs.create_snapshot": 2 * 365}
    assert made.deleted == {"ebs.create_snapshot": 2 * (365 - 3)}


def test_the_last_business_days(year: Report) -> None:
    days = [day for day, counts in year.runs_by_day("closing").items() if counts["SUCCEEDED"]]
    assert [day.day for day in days] == LAST_BUSINESS_DAYS


def test_holidays_that_were_skipped(year: Report) -> None:
    days = sorted({told.due.date() for told in year.holidays()})
    listed = "04-29 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23 12-29 12-30 12-31"
    assert [f"{day:%m-%d}" for day in days] == [*listed.split(), "01-01", "01-11", "02-11", "02-23", "03-22"]
    assert all("is a holiday (" in told.reason for told in year.holidays())


def test_what_it_costs_follows_from_what_was_done(year: Report) -> None:
    cost = year.cost()
    transitions = sum(ran.execution.state_changes for ran in year.simulation.runs)
    paid = {line.item: line for line in cost.used.lines}
    assert paid["transition"].quantity == pytest.approx(transitions / 12)
    assert paid["transition"].amount == pytest.approx(transitions / 12 * 0.000025)
    assert cost.total > cost.used.total > paid["transition"].amount > 0
    # Two metrics for each hour in which a part ran for a flow; `three_generations` runs one part, once a day.
    (snapshots,) = [used for name, used in year.simulation.functions.usage.items() if name == "ebs.create_snapshot"]
    assert len([hour for flow, hour in snapshots.flow_hours if flow == "three_generations"]) >= 365
    assert paid["metric"].quantity >= 2 * 365 / 12 / 730
    assert cost.runs == pytest.approx(len(year.simulation.runs) / 12)
    assert cost.per_thousand_runs == pytest.approx((cost.used.total + cost.kept.total) / cost.runs * 1000)
    assert year.as_json("cn-north-1")["cost_per_month"]["prices_missing"]


def test_overlapping_starts_are_skipped_and_failures_said() -> None:
    report = simulate("slow", "broken", days=2)
    # Ninety minutes of each hour's start: every second one finds the one before under way.
    assert len(report.skipped("overlap")) == 24
    (slow,) = [flow for flow in report.flows() if flow.flow == "slow"]
    assert (slow.runs, slow.skipped, slow.failed) == (24, {"overlap": 24}, 0)
    assert slow.seconds == pytest.approx(5400)
    assert [told.reason for told in report.failures()] == ["Failed: nothing is where it should be"] * 2
    assert report.failures()[0].due.isoformat() == "2026-04-01T12:00:00+09:00"


def test_the_same_simulation_twice_is_the_same() -> None:
    once, again = (json.dumps(simulate("three_generations", "slow", days=3).as_json()) for _ in range(2))
    assert once == again


def test_a_picture_shows_every_day(year: Report) -> None:
    drawn = svg(year)
    assert drawn.count("<rect") == 1 + 3 * 365
    assert "<title>2026-11-23: 2 skipped</title>" in drawn
    assert strip([0, 1, 4, 8], [False, True]) == " x▄█"


def test_the_command(cli: Cli, tmp_path: Path) -> None:
    picture = tmp_path / "year.svg"
    done = cli("simulate", "--from", "2026-11-20", "--days", 5, "--flow", "closing", "--flow", "broken")
    assert done.code == 1
    assert "--flow closing: there is no such flow in flow_defs" in done.err
    options = ("--flow-defs", FOLDER, "--from", "2026-11-20", "--days", 12, "--timezone", "Asia/Tokyo")
    done = cli("simulate", *options, "--flow", "closing", "--flow", "broken", "--picture", picture)
    # Runs failed, which a pipeline has to see.
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("12 days from 2026-11-20 (Asia/Tokyo)")
    assert "failed: 12" in done.out
    assert "A month costs about" in done.out
    assert picture.read_text().startswith("<svg")
    told = json.loads(cli("simulate", *options, "--flow", "office_hours", "--json").out)
    assert [h["due"][:16] for h in told["holidays"]] == ["2026-11-23T09:00", "2026-11-23T18:00"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", "1.4.2026"), "--from 1.4.2026 is not a date; write 2026-04-01"),
        (("--days", "0"), "--days is 0; write 1 to 3660"),
        (("--timezone", "Tokyo"), "'Tokyo' is not a time zone"),
        (("--flow", "recover_instance"), "the flow has no schedule"),
    ],
)
def test_what_cannot_be_simulated_is_refused(cli: Cli, options: tuple[str, ...], message: str) -> None:
    done = cli("simulate", *options)
    assert done.code == 1
    assert message in done.err
