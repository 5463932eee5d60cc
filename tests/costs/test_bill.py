"""What an app costs, held against counts made by hand and against the templates."""

from __future__ import annotations

import pytest

from nightshift import Alarm, cron
from nightshift.costs.bill import Prices, added
from nightshift.costs.counts import Installed, Used
from tests.stacks.compiled import compiled

EACH = Alarm("AWS/EC2:StatusCheckFailed", 1, instance_tag="Role=web")


def test_a_thousand_instance_alarms_are_a_hundred_dollars_a_month() -> None:
    flows = [compiled("recover", "ec2.reboot_instances", on_alarm=EACH)]
    few, many = (Prices.of("us-east-1").bill(Installed(flows, {"recover": n}).idle()) for n in (0, 1000))
    assert many.total - few.total == pytest.approx(100)


def test_what_is_paid_when_nothing_runs() -> None:
    flows = [compiled(f"flow_{n}", "ec2.stop_instances", schedule=cron("0 1 * * ? *")) for n in range(10)]
    idle = Installed(flows, {}).idle()
    # Dead letters, tracker (2), reconciler, gate (3), dashboard.
    assert idle["alarm"] == 8
    # Every five minutes: 12 x 730 hours.
    assert idle["invocation"] == idle["trace"] == 8760
    # 8,760 x (0.02 + 5 x 0.15) s, and two calls for each of ten flows in each hour, at half a gigabyte.
    assert idle["gb_second"] == pytest.approx(0.5 * (8760 * 0.77 + 2 * 0.15 * 10 * 730))
    bill = Prices.of("us-east-1").bill(idle)
    by_hand = {
        "alarm": 0.80,
        "metric": 0.30,
        "key": 1.00,
        "invocation": 0.001752,
        "gb_second": 4467.6 * 0.0000133334,
        "trace": 0.0438,
        "log": 8760 * 1.5e-6 * 0.5,
        "write": 7300 * 0.000000625,
        "read": 17520 * 0.000000125,
    }
    assert {line.item: line.amount for line in bill.lines} == pytest.approx(by_hand)
    assert bill.total == pytest.approx(2.22, abs=0.01)


def test_what_a_thousand_runs_add() -> None:
    # Each: the gate, a part that is asked three times, 12 transitions.
    used = Used(
        runs=1000, transitions=12_000, invocations=4000, part_seconds=2000, other_seconds=300, metric_hours=2000
    )
    bill = Prices.of("us-east-1").bill(added(used.quantities(), used.kept()))
    tracked = 2000 * 0.92 + 1000 * 1.5
    by_hand = {
        "transition": 0.30,
        "invocation": 6000 * 0.0000002,
        "gb_second": (1000 + 75 + tracked / 2) * 0.0000133334,
        "metric": 2000 / 730 * 0.30,
        "trace": 3000 * 0.000005,
        "log": (12_000 * 3e-6 + 6000 * 1.5e-6) * 0.5,
        "write": 36_000 * 0.000000625,
        "read": 11_000 * 0.000000125,
        # 12,000 runs of nine KB.
        "stored": 0.108 * 0.25,
        "recoverable": 0.108 * 0.20,
    }
    assert {line.item: line.amount for line in bill.lines} == pytest.approx(by_hand)


def test_a_band_counts_as_three_metrics() -> None:
    banded = Alarm(
        "AWS/EC2:CPUUtilization", 2, comparison="GreaterThanUpperThreshold", dimensions={"InstanceId": "i-1"}
    )
    assert Installed([compiled("f", "ec2.stop_instances", on_alarm=banded)], {}).flow_alarms() == 3


def test_a_region_without_prices_of_its_own_says_so() -> None:
    known, part, none = (Prices.of(region) for region in ("us-east-1", "sa-east-1", "cn-north-1"))
    assert (known.missing, known.said().count("Not known")) == ((), 0)
    assert part.prices["transition"] == 0.0000375
    assert "alarm" in part.missing
    assert "transition" not in part.missing
    assert set(none.missing) == set(none.prices)
    assert "Not known here for cn-north-1, and taken from us-east-1: metric of an alarm, a month" in none.said()
