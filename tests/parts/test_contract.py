"""The contract: durations, waits, timeouts, failures."""

from __future__ import annotations

from typing import Any, Unpack

import pytest

from lambdas.contract.errors import InvalidParameter, NightshiftError, PartFailed, PartTimeout, Throttled
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, part, seconds
from tests.parts.driver import RUN, TestAws, drive


@part(allow=(Allow(("ec2:DescribeInstances",)),), timeout="10m", interval=10)
def patient(call: Call, *, polls: int = 3, wait: int | None = None, **common: Unpack[Common]) -> Result | Pending:
    """Be polled `polls` times."""
    seen = call.state.get("seen", 0)
    if seen < polls:
        return Pending({"seen": seen + 1}, f"poll {seen + 1}", wait=wait)
    return Result(matched=["x"], changed=["x"])


@part(waits=False)
def throttled(call: Call, **common: Unpack[Common]) -> Result:
    """Always throttled."""
    raise Throttled("slow down")


@part(timeout="5m")
def throttled_waiting(call: Call, **common: Unpack[Common]) -> Result | Pending:
    """Throttled for two invocations, keeping a note."""
    call.state["tries"] = call.state.get("tries", 0) + 1
    if call.state["tries"] < 3:
        raise Throttled("slow down")
    return Result(matched=[str(call.state["tries"])])


@pytest.fixture
def clock() -> TestAws:
    return TestAws()


@pytest.mark.parametrize(
    ("text", "number"), [(90, 90), ("90", None), ("90s", 90), ("30m", 1800), ("3 h", 10800), ("2d", 172800), (0, 0)]
)
def test_durations(text: Any, number: int | None) -> None:
    if number is None:
        with pytest.raises(InvalidParameter):
            seconds(text)
    else:
        assert seconds(text) == number


@pytest.mark.parametrize("text", [True, -1, "", "1w", "m", "1.5h", None])
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(InvalidParameter, match="is not a duration"):
        seconds(text)


def test_waits_grow_by_half_up_to_five_minutes(clock: TestAws) -> None:
    waits = drive(patient, clock, {"polls": 15, "timeout": "5h"}).waits
    assert waits[:4] == [10, 15, 23, 34]
    assert waits[-1] == 300
    assert drive(patient, clock, {"polls": 2, "interval": 600, "timeout": "5h"}).waits == [600, 600]


def test_a_wait_of_the_part_is_taken_and_does_not_let_the_others_grow(clock: TestAws) -> None:
    assert drive(patient, clock, {"polls": 4, "wait": 1}).waits == [1, 1, 1, 1]


def test_it_never_sleeps_past_its_timeout(clock: TestAws) -> None:
    start = clock.now()
    with pytest.raises(PartTimeout, match=r"(?s)gave up after 100, still waiting for poll \d+.*redrive"):
        drive(patient, clock, {"polls": 1000, "timeout": 100})
    assert clock.now() - start == 100


def test_throttling_is_carried_on_with_the_notes_of_the_part(clock: TestAws) -> None:
    outcome = drive(throttled_waiting, clock, {})
    assert outcome.result["matched"] == ["3"]
    assert len(outcome.waits) == 2


def test_throttling_leaves_time_for_what_could_not_begin(clock: TestAws) -> None:
    first, second = drive(throttled_waiting, clock, {"interval": 300, "timeout": 300}).waits
    assert (first, second) == (150, 75)


def test_throttling_of_a_part_that_cannot_wait_is_an_error(clock: TestAws) -> None:
    with pytest.raises(Throttled):
        drive(throttled, clock, {})


def test_the_state_that_was_given_is_not_written_to(clock: TestAws) -> None:
    state = {"started": clock.now(), "looks": 0, "part": {"tries": 1}}
    throttled_waiting.invoke(clock, RUN, {}, state)
    assert state["part"] == {"tries": 1}


def test_a_failure_fails_the_step_unless_told_to_go_on(clock: TestAws) -> None:
    @part(waits=False)
    def failing(call: Call, **common: Unpack[Common]) -> Result:
        """One of two fails."""
        return Result(matched=["a", "b"], changed=["a"], failed=[Failure("b", "Code", "why")])

    with pytest.raises(PartFailed, match=r"(?s)1 of 2 resources failed.*b  Code: why.*Changed before that: a"):
        drive(failing, clock, {})
    assert drive(failing, clock, {"on_failure": "continue"}).result["failed"][0]["id"] == "b"


def test_a_part_called_outside_a_run_says_so() -> None:
    with pytest.raises(NightshiftError, match="outside a run"):
        patient()
