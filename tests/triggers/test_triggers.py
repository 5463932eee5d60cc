"""What a flow file may write as a trigger, and what it is told when it writes something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nightshift import Alarm, at, cron, rate, topic
from nightshift.triggers import TriggerError


def test_schedules_become_the_expressions_of_eventbridge_scheduler() -> None:
    assert cron(" 0 22  * * ? * ", timezone="Asia/Tokyo").expressions == ("cron(0 22 * * ? *)",)
    assert cron("0 22 * * ? *", timezone="Asia/Tokyo").timezone == "Asia/Tokyo"
    assert [rate(e).expressions for e in ("1 minutes", "24 hour", "2 days")] == [
        ("rate(1 minute)",),
        ("rate(24 hours)",),
        ("rate(2 days)",),
    ]
    assert at("2026-12-01 09:00").expressions == ("at(2026-12-01T09:00:00)",)


NAMES = {f"name{number}": "value" for number in range(30)}


@pytest.mark.parametrize(
    "statistic",
    [
        *("p0", "p99.9999999999", "p100", "p100.0", "tm99", "wm98.5", "tc90", "ts90", "IQM"),
        *("TM(2%:98%)", "TM(150:1000)", "WM(10%:90%)", "TC(:0.5)", "TS(80%:)", "PR(:300)", "PR(100:2000)"),
    ],
)
def test_an_alarm_takes_the_statistics_of_cloudwatch(statistic: str) -> None:
    assert Alarm("A:B", 1, statistic=statistic).statistic == statistic


@pytest.mark.parametrize(
    "statistic",
    [
        *(
            "p",
            "p100.1",
            "p101",
            "p-1",
            "p99.12345678901",
            "P99",
            "tm101",
            "TM99",
            "iqm",
            "IQM(1:2)",
            "pr90",
            "average",
        ),
        *("TM()", "TM(:)", "TM(%:90%)", "TM(:%)", "TM(10%:90)", "TM(90%:10%)", "TM(5:5)", "TM(10%:101%)", "PR(1%:2%)"),
    ],
)
def test_an_alarm_takes_no_other_statistics(statistic: str) -> None:
    with pytest.raises(TriggerError, match=r"statistic .* is not one CloudWatch knows") as caught:
        Alarm("A:B", 1, statistic=statistic)
    assert caught.value.hint.endswith(("did you mean Average?", "TM(10%:90%), PR(100:2000)"))


@pytest.mark.parametrize(
    "size", [{"period": 60, "periods": 1440}, {"period": 3600, "periods": 168}, {"period": 86_400, "periods": 7}]
)
def test_an_alarm_evaluates_as_long_as_cloudwatch_does(size: dict[str, int]) -> None:
    assert Alarm("A:B", 1, dimensions=NAMES, period=size["period"], periods=size["periods"]).periods == size["periods"]


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        ("LessThanLowerOrGreaterThanUpperThreshold", "outside"),
        ("LessThanLowerThreshold", "below"),
        ("GreaterThanUpperThreshold", "above"),
    ],
)
def test_an_alarm_compares_with_the_band_of_anomaly_detection(comparison: str, words: str) -> None:
    alarm = Alarm("A:B", 2, comparison=comparison)
    assert alarm.words == f"alarm A:B {words} its band of 2 standard deviations for 2 x 60 s"


def test_an_alarm_takes_dicts_and_keeps_pairs() -> None:
    alarm = Alarm("AWS/EC2:StatusCheckFailed", 1, dimensions={"InstanceId": "i-1"}, parameters={"id": "InstanceId"})
    assert alarm.dimensions == (("InstanceId", "i-1"),)
    assert alarm.parameters == (("id", "InstanceId"),)
    assert alarm == Alarm(
        "AWS/EC2:StatusCheckFailed", 1, dimensions=(("InstanceId", "i-1"),), parameters=(("id", "InstanceId"),)
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cron("0 22 * * ? *", timezone="Asia/Tokio"), "did you mean Asia/Tokyo"),
        (lambda: cron("0 22 * * ? *", timezone="../etc"), "is not a time zone"),
        (lambda: rate("0 minutes"), "is not a whole number above zero"),
        (lambda: rate("30 seconds"), "is not a whole number above zero and minutes, hours or days"),
        (lambda: at("tomorrow"), "write the local time as at("),
        (lambda: at("2026-12-01T09:00:00+09:00"), "carries an offset"),
        (lambda: at("2027-03-28T02:30:00", timezone="Europe/Berlin"), "does not exist in Europe/Berlin"),
        (lambda: Alarm("StatusCheckFailed", 1), "is not namespace:metric"),
        (lambda: Alarm("A:B", 1, comparison="GreaterThanTreshold"), "did you mean GreaterThanThreshold?"),
        (lambda: Alarm("A:B", 1, statistic="Mean"), "statistic 'Mean' is not one CloudWatch knows"),
        (lambda: Alarm("A:B", 1, period=45), "period 45 is not 10, 20, 30 or a multiple of 60"),
        (lambda: Alarm("A:B", 1, periods=0), "periods 0 is not 1 or more"),
        (lambda: Alarm("A:B", 1, period=300, periods=289), "evaluates 289 x 300 s and CloudWatch at most a day"),
        (lambda: Alarm("A:B", 1, period=60, periods=1441), "write periods=1440 or less"),
        (lambda: Alarm("A:B", 1, period=3600, periods=169), "at most seven days; write periods=168 or less"),
        (lambda: Alarm("A:B", 1, period=86_400, periods=8), "write periods=7 or less"),
        (lambda: Alarm("A:B", 1, dimensions=NAMES | {"one": "more"}), "has 31 dimensions and CloudWatch takes 30"),
        (lambda: Alarm("A:B", 1, dimensions=NAMES, instance_tag="A=b"), "has 31 dimensions, with InstanceId,"),
        (lambda: Alarm("A:B", 0, comparison="LessThanLowerThreshold"), "threshold 0 is no width of a band"),
        (lambda: Alarm("A:B", 1, instance_tag="=web"), "has no tag key"),
        (lambda: Alarm("A:B", 1, instance_tag="Role=web", dimensions={"InstanceId": "i-1"}), "leave one of them out"),
        (lambda: Alarm("A:B", 1, on=()), 'write on="ALARM"'),
        (lambda: Alarm("A:B", 1, on=("ALARM", "Ok")), "state 'Ok' is not one CloudWatch knows"),
        (lambda: Alarm("A:B", 1, at_most_one_per="15 minutes"), 'write at_most_one_per="15m"'),
        (lambda: topic(at_most_one_per=0), "at_most_one_per is 0"),
        (lambda: topic(at_most_one_per="2000d"), "more than a year"),
        (lambda: topic(on="INSUFFICIENT"), "did you mean INSUFFICIENT_DATA?"),
        (lambda: topic("my-topic"), "is not the ARN of an SNS topic"),
    ],
)
def test_what_aws_would_refuse_is_refused_where_it_is_written(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(TriggerError) as caught:
        make()
    assert message in f"{caught.value}; {caught.value.hint}"


def test_an_alarm_per_instance_gives_the_instance_id_to_a_flow_that_takes_it() -> None:
    alarm = Alarm(metric="AWS/EC2:StatusCheckFailed", instance_tag="Role=web", threshold=1)
    assert alarm.given_to(["instance_id", "to"]).parameters == (("instance_id", "InstanceId"),)
    assert alarm.given_to(["to"]) == alarm
    given = Alarm("A:B", 1, instance_tag="Role=web", parameters={"instance_id": "AlarmName"})
    assert given.given_to(["instance_id"]) == given
    alone = Alarm("A:B", 1, dimensions={"InstanceId": "i-1"})
    assert alone.given_to(["instance_id"]) == alone
