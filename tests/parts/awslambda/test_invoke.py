"""awslambda.invoke: what a function gets, what it answered, and when it is invoked again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from lambdas.contract.errors import AccessDenied, AnswerLost, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import awslambda as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.awslambda.functions import answering, failing, function
from tests.parts.driver import Fault, TestAws, drive, times

REGISTER: dict[str, Any] = {"function_name": "register", "payload": {"snapshots": ["snap-1"]}}


@pytest.fixture
def invoked(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the function was invoked with."""
    function("register")
    invoked: list[tuple[str, str]] = []
    answering(monkeypatch, invoked)
    return invoked


def lost(params: dict[str, Any], answer: dict[str, Any]) -> None:
    """The answer does not arrive."""
    raise ReadTimeoutError(endpoint_url="https://lambda.invalid")


def test_a_function_is_invoked_and_answers(aws: TestAws, invoked: list[Any]) -> None:
    outcome = drive(parts.invoke, aws, REGISTER)
    result = outcome.result
    assert invoked == [("register", '{"snapshots": ["snap-1"]}')]
    assert (result["changed"], json.loads(result["payload"]), outcome.waits) == (["register"], {"entered": True}, [])
    assert result["log"].splitlines()[1] == 'got {"snapshots": ["snap-1"]}'
    assert (result["summary"], result["executed_version"]) == ("invoked register", "$LATEST")


def test_an_error_of_the_function_fails_the_step(
    aws: TestAws, invoked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, invoked, failing)
    with pytest.raises(PartFailed, match="ValueError: no such snapshot"):
        drive(parts.invoke, aws, REGISTER)
    assert len(invoked) == 1
    result = drive(parts.invoke, aws, {**REGISTER, "on_failure": "continue"}).result
    assert (result["changed"], result["log"], result["failed"][0]["error"]) == ([], "Traceback", "ValueError")


def test_a_lost_answer_is_not_invoked_again(aws: TestAws, invoked: list[Any]) -> None:
    aws.faults["Invoke"] = Fault(after=lost)
    with pytest.raises(AnswerLost, match=r"the function may have run\. .*log group \(/aws/lambda/register,"):
        drive(parts.invoke, aws, REGISTER)
    assert len(invoked) == 1


def test_a_failure_of_lambda_leaves_it_open(aws: TestAws, invoked: list[Any]) -> None:
    aws.faults["Invoke"] = times(1, (500, "ServiceException", "internal error"))
    with pytest.raises(AnswerLost, match="ServiceException"):
        drive(parts.invoke, aws, REGISTER)


def test_an_idempotent_one_is_invoked_until_it_answers(aws: TestAws, invoked: list[Any]) -> None:
    left = [1, 1]

    def twice(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if left:
            left.pop()
            lost(params, answer)

    aws.faults["Invoke"] = Fault(after=twice)
    assert drive(parts.invoke, aws, {**REGISTER, "idempotent": True}).result["changed"] == ["register"]
    assert len(invoked) == 3


def test_one_that_has_no_room_has_not_run_and_is_invoked_later(aws: TestAws, invoked: list[Any]) -> None:
    aws.faults["Invoke"] = times(2, (429, "TooManyRequestsException", "Rate Exceeded."))
    outcome = drive(parts.invoke, aws, REGISTER)
    assert (outcome.result["changed"], len(outcome.waits), len(invoked)) == (["register"], 2, 1)
    aws.faults["Invoke"] = times(99, (429, "TooManyRequestsException", "Rate Exceeded."))
    with pytest.raises(PartTimeout, match="still waiting for room for register"):
        drive(parts.invoke, aws, {**REGISTER, "timeout": "5m"})


def test_what_kept_it_from_running_fails(aws: TestAws, invoked: list[Any]) -> None:
    aws.faults["Invoke"] = times(1, (502, "ENILimitReachedException", "no interface is left"))
    with pytest.raises(PartFailed, match="ENILimitReachedException: no interface is left"):
        drive(parts.invoke, aws, REGISTER)
    assert invoked == []


def test_an_event_is_handed_over(aws: TestAws, invoked: list[Any]) -> None:
    result = drive(parts.invoke, aws, {**REGISTER, "wait": False}).result
    assert (result["changed"], result["payload"]) == (["register"], "")
    assert result["summary"] == "handed the event to register"
    assert aws.made("Invoke")[0]["InvocationType"] == "Event"


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_absent_function_fails(aws: TestAws, invoked: list[Any], dry_run: bool) -> None:
    with pytest.raises(PartFailed, match="ResourceNotFoundException"):
        drive(parts.invoke, aws, {"function_name": "nowhere", "dry_run": dry_run})


def test_a_dry_run_runs_nothing(aws: TestAws, invoked: list[Any]) -> None:
    result = drive(parts.invoke, aws, {**REGISTER, "dry_run": True}).result
    assert (result["changed"], result["summary"], invoked) == (["register"], "would invoke register", [])


def test_a_missing_permission_is_named(aws: TestAws, invoked: list[Any]) -> None:
    told = "not authorized to perform: lambda:InvokeFunction"
    aws.faults["Invoke"] = Fault(lambda p: (403, "AccessDeniedException", told))
    with pytest.raises(AccessDenied, match="lambda:InvokeFunction"):
        drive(parts.invoke, aws, REGISTER)


def test_a_payload_that_lambda_does_not_take_is_refused(aws: TestAws) -> None:
    large = {"text": "x" * 1024 * 1024}
    with pytest.raises(InvalidParameter, match="Lambda takes 1048576"):
        drive(parts.invoke, aws, {"function_name": "register", "payload": large, "wait": False})
    with pytest.raises(InvalidParameter, match="Lambda takes 6291456"):
        drive(parts.invoke, aws, {"function_name": "register", "payload": {"text": "x" * 6 * 1024 * 1024}})
    assert not aws.calls


def test_only_an_idempotent_one_is_retried_by_step_functions() -> None:
    assert [parts.invoke.repeats(given) for given in ({}, {"idempotent": False}, {"idempotent": ...})] == [False] * 3
    assert parts.invoke.repeats({"idempotent": True})


def _register(aws: FaultyAws) -> dict[str, Any]:
    function("register")
    answering(aws.patch, aws.invoked)
    return {**REGISTER, "idempotent": True}


SCENARIOS = [Scenario("an idempotent function", "awslambda.invoke", _register)]
