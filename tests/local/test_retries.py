"""How long the local Step Functions waits before a retry."""

from __future__ import annotations

from nightshift.local.ministack.retries import wait

THROTTLED = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 60}


def test_a_wait_grows_up_to_the_longest() -> None:
    assert [wait(THROTTLED, count) for count in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    assert [wait({}, count) for count in range(3)] == [1, 2, 4]


def test_with_jitter_those_that_were_refused_together_come_again_apart() -> None:
    waits = [wait({**THROTTLED, "JitterStrategy": "FULL"}, 9) for _ in range(300)]
    assert 0 <= min(waits) < 15
    assert 45 < max(waits) <= 60
    assert len({round(moment, 1) for moment in waits}) > 200
