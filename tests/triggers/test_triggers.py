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
        (lambda: Alarm("A:B", 1, instance_tag="=web"), "has no tag key"),
        (lambda: Alarm("A:B", 1, instance_tag="Role=web", dimensions={"InstanceId": "i-1"}), "leave one of them out"),
        (lambda: Alarm("A:B", 1, on=()), 'write on="ALARM"'),
        (lambda: Alarm("A:B", 1, on=("ALARM", "Ok")), "state 'Ok' is not one CloudWatch knows"),
        (lambda: Alarm("A:B", 1, at_most_one_per="15 minutes"), 'write at_most_one_per="15m"'),
        (lambda: topic(at_most_one_per=0), "at_most_one_per is 0"),
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
