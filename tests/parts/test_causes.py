"""Failed resources travel as data behind the message, in what a Cause can hold."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from lambdas.contract.causes import Diagnosis, failure_table, read_cause, with_data
from lambdas.contract.hints import hint
from lambdas.contract.result import Failure, Result

MOST = 32_768
"""Characters of a Cause ("HistoryEvent", Step Functions API Reference)."""


def failed(count: int, message: str) -> list[Failure]:
    return [Failure(f"i-{n:017x}", f"Code{n % 3}", message) for n in range(count)]


def written(failures: list[Failure]) -> str:
    """The message of the error that Lambda reports."""
    result = Result(matched=[f.id for f in failures], changed=["i-x"] * 60, failed=failures)
    data = [Diagnosis(f.id, f.error, f.message, hint(f.error)) for f in failures]
    return with_data(failure_table("ec2.start_instances", result), data)


def by_lambda(message: str) -> str:
    trace = ["".join(traceback.format_stack()[-1:])] * 3
    return json.dumps({"errorMessage": message, "errorType": "PartFailed", "requestId": "r" * 36, "stackTrace": trace})


@pytest.mark.parametrize("count", [1, 2, 50, 51, 10_000])
@pytest.mark.parametrize(
    "message", ["no", "said so: " + "x" * 300, "\u8d77\u52d5" * 300, '"\\' * 400, "\U0001f600\n" * 9000]
)
def test_it_fits_a_cause_also_in_the_cause_of_a_calling_flow(count: int, message: str) -> None:
    wrapped = by_lambda(written(failed(count, message)))
    assert len(wrapped) <= MOST
    described = {"Cause": wrapped, "Error": "PartFailed", "ExecutionArn": "a" * 200}
    assert len(json.dumps(described)) <= MOST


@pytest.mark.parametrize("count", [1, 50, 10_000])
@pytest.mark.parametrize("message", ["no", "said so: " + "x" * 300, "\u8d77\u52d5" * 100, '"\\' * 100])
def test_it_is_cut_by_entries_and_never_inside_one(count: int, message: str) -> None:
    failures = failed(count, message)
    cause = read_cause(by_lambda(written(failures)))
    assert [(f.id, f.error, f.message) for f in cause.failures] == [
        (f.id, f.error, f.message) for f in failures[: len(cause.failures)]
    ]
    assert all(f.hint == hint(f.error) for f in cause.failures)
    head, *lines = cause.message.splitlines()
    assert head == f"ec2.start_instances: {count} of {count} resources failed"
    told = [line for line in lines if line.startswith("  i-")]
    assert told == [f"  {f.id}  {f.error}: {f.message}" for f in failures[: len(told)]]
    assert (f"  ... and {count - len(told)} more" in lines) == (len(told) < count)


def test_ordinary_failures_are_all_there() -> None:
    failures = failed(50, "The instance is not in a state from which it can be started")
    cause = read_cause(by_lambda(written(failures)))
    assert len(cause.failures) == 50
    assert cause.message.count("\n  i-") == 50


def test_a_message_without_failures_is_as_it_was() -> None:
    assert with_data("nothing matched", []) == "nothing matched"
    assert len(by_lambda(with_data("x" * 100_000, []))) <= MOST


@pytest.mark.parametrize("data", ["", "{", "[]", "null", '{"failures": [1]}', '{"failures": [["a"]], "hints": {}}'])
def test_data_that_is_none_is_left_out(data: str) -> None:
    cause = read_cause(f"2 failed\n# nightshift:failures {data}")
    assert (cause.message, cause.failures) == ("2 failed", ())


def test_the_cause_of_a_called_flow_is_told_without_the_data_in_it() -> None:
    described: dict[str, Any] = {
        "ExecutionArn": "arn",
        "Cause": by_lambda(written(failed(2, "no"))),
        "Status": "FAILED",
    }
    told = json.loads(read_cause(json.dumps(described)).message)
    assert told == {**described, "Cause": read_cause(described["Cause"]).message}
    assert "nightshift:failures" not in told["Cause"]
