"""What a Catch reads of a Cause: never an error of its own, whatever stands there and wherever it was cut."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.contract.causes import Diagnosis, read_cause, with_data
from nightshift.compiler.causes import child_error_output, error_output
from nightshift.simulation.expressions import Expressions

MOST = 32_768
MESSAGE = st.text(st.characters(exclude_categories=["Cs"])) | st.text('\\"/ubn{}:,x ')
EXPRESSIONS = Expressions(lambda: 0.0, Random(0))
FAILED = [Diagnosis(f"i-{n}", "Broken", f'it "is" \\ {n}', "Look\nat it.") for n in range(3)]


def caught(cause: object, *, child: bool = False) -> Any:
    output = {"Error": "States.TaskFailed"} | ({} if cause is None else {"Cause": cause})
    code = (child_error_output() if child else error_output()).evaluated()
    return EXPRESSIONS.value(code, {}, {"errorOutput": output})


def by_lambda(message: str, *, raw: bool = False) -> str:
    """The JSON that Lambda's Python runtime writes of an error."""
    told = {"errorMessage": message, "errorType": "E", "requestId": "r", "stackTrace": ['  File "f", line 1\n']}
    return json.dumps(told, ensure_ascii=not raw)


def by_child(**told: Any) -> str:
    """The JSON that Step Functions writes of an execution that another one started."""
    given = {"Error": "not this", "Cause": "nor this", "list": [{"Status": "x"}]}
    about = {"ExecutionArn": "arn", "Input": given, "InputDetails": {"Included": True}, "Name": "n", "Status": "FAILED"}
    return json.dumps(dict(sorted({**about, **told}.items())), separators=(",", ":"))


@given(MESSAGE, st.booleans())
@settings(deadline=None)
def test_the_message_is_read_as_it_was_written(message: str, raw: bool) -> None:
    wrapped = by_lambda(message, raw=raw)
    assert caught(wrapped) == {"error": "States.TaskFailed", "cause": message, "failures": ""}
    assert read_cause(wrapped).message == message
    expected = {"error": "Other", "cause": message, "failures": ""}
    assert caught(by_child(Error="Other", Cause=wrapped), child=True) == expected


@given(MESSAGE, st.booleans(), st.integers(0, 200), st.booleans())
@settings(deadline=None)
def test_a_cause_that_was_cut_is_read_up_to_there(message: str, raw: bool, end: int, child: bool) -> None:
    whole = by_lambda(message, raw=raw)
    cut = whole[:end]
    if '"errorMessage": "' in cut:
        assert message.startswith(caught(cut)["cause"])
        assert message.startswith(read_cause(cut).message)
    cut_child = by_child(Error="Other", Cause=whole if child else message)[:end]
    assert isinstance(caught(cut_child, child=True)["cause"], str)


@given(MESSAGE, st.sampled_from(['{"errorMessage": "', '{"errorMessage":', '{"ExecutionArn": "', '{"Cause": "', "{"]))
@settings(deadline=None)
def test_nothing_that_looks_like_json_is_an_error(message: str, beginning: str) -> None:
    for child in (False, True):
        assert isinstance(caught(beginning + message, child=child)["cause"], str)
    assert isinstance(read_cause(beginning + message).message, str)


def test_the_longest_cause_is_read() -> None:
    for filling in ("x", '\\"', "\\\\", "\u3042", " ", "\n"):
        cut = by_lambda(filling * MOST)[:MOST]
        assert len(cut) == MOST
        assert caught(cut)["cause"].startswith(filling * 1000)
        assert read_cause(cut).message.startswith(filling * 1000)
        assert isinstance(caught(by_child(Cause=cut)[:MOST], child=True)["cause"], str)


def test_no_cause_is_an_empty_one() -> None:
    for child in (False, True):
        assert caught(None, child=child)["cause"] == ""


def test_a_called_flow_that_ran_out_of_time_says_so() -> None:
    found = caught(by_child(Status="TIMED_OUT"), child=True)
    assert (found["error"], found["cause"]) == ("States.Timeout", "the called flow ended TIMED_OUT")


def test_the_data_stays_behind_the_message() -> None:
    for wrapped in (by_lambda, str):
        written = with_data("2 failed\n  a  Broken", FAILED)
        found = caught(wrapped(written))
        assert found["cause"] == "2 failed\n  a  Broken"
        assert read_cause(found["cause"] + found["failures"]).failures == tuple(FAILED)
        assert caught(by_child(Cause=wrapped(written)), child=True)["failures"] == found["failures"]
