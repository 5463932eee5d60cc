"""The functions of the tracker on moto's Step Functions: events, what they do not tell, and runs that are not ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from lambdas.prices.kept import prices
from lambdas.prices.price_list import Kind, Price
from lambdas.store.table import table as the_table
from lambdas.tracker import handler, queries, trouble
from tests.prices.price_list import TOKYO, PriceList
from tests.tracker.views import PREFIX, event

DEFINITION = {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 9, "End": True}}}
CONTEXT = SimpleNamespace()


@pytest.fixture
def step_functions(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Step Functions with a flow of this app and one of another, and the tracker beside it."""
    monkeypatch.setenv("NIGHTSHIFT_PREFIX", PREFIX)
    client = boto3.client("stepfunctions")
    for name in (f"{PREFIX}-backup", "other-backup"):
        client.create_state_machine(
            name=name, definition=json.dumps(DEFINITION), roleArn="arn:aws:iam::123456789012:role/flow"
        )
    for cached in (the_table, handler._step_functions):
        cached.cache_clear()
    yield client
    for cached in (the_table, handler._step_functions):
        cached.cache_clear()


def started(client: Any, name: str, machine: str = f"{PREFIX}-backup") -> str:
    """Start an execution; its ARN."""
    given = {"nightshift": {"dry_run": False, "trigger": {"type": "manual", "by": "alice"}}}
    arn = f"arn:aws:states:ap-northeast-1:123456789012:stateMachine:{machine}"
    return str(client.start_execution(stateMachineArn=arn, name=name, input=json.dumps(given))["executionArn"])


def test_what_step_functions_says_goes_before_an_event_that_is_late(step_functions: Any, table: Any) -> None:
    arn = started(step_functions, "night")
    step_functions.stop_execution(executionArn=arn, error="Stopped", cause="by hand")
    late = event("RUNNING", name="night")
    assert handler.handler(late, CONTEXT) == {"run": "backup/night", "state": "ABORTED"}
    found = queries.run(table, "backup", "night")
    assert found is not None
    assert (found.record.state, found.record.ended is not None) == ("ABORTED", True)
    assert found.detail["parameters"] == {}
    assert isinstance(found.detail["steps"], list)


def test_an_execution_that_step_functions_forgot_is_recorded_from_its_event(step_functions: Any, table: Any) -> None:
    told = handler.handler(event("SUCCEEDED", name="long-ago", output=1), CONTEXT)
    assert told == {"run": "backup/long-ago", "state": "SUCCEEDED"}
    found = queries.run(table, "backup", "long-ago")
    assert found is not None
    assert found.detail == {}


def test_runs_of_others_are_not_recorded(step_functions: Any, table: Any) -> None:
    told = event("RUNNING")
    told["detail"]["executionArn"] = started(step_functions, "night", "other-backup")
    assert handler.handler(told, CONTEXT) == {}
    assert handler.reconcile({}, CONTEXT) == {"reconciled": 0}
    assert queries.runs(table) == ([], None)


def test_what_no_event_told_is_found_within_the_hour(step_functions: Any, table: Any) -> None:
    started(step_functions, "unseen")
    arn = started(step_functions, "ended")
    handler.handler(event("RUNNING", name="ended"), CONTEXT)
    step_functions.stop_execution(executionArn=arn)
    assert handler.reconcile({}, CONTEXT) == {"reconciled": 2}
    states = {run.name: run.state for run in queries.runs(table)[0]}
    assert states == {"unseen": "RUNNING", "ended": "ABORTED"}
    assert handler.reconcile({}, CONTEXT) == {"reconciled": 0}


def test_prices_that_a_page_wants_are_fetched_on_the_way(
    step_functions: Any, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold, micro = PriceList(TOKYO), Kind("ap-northeast-1", "t3.micro")
    monkeypatch.setattr(handler, "_price_list", lambda: sold.client)
    prices(table, [micro])
    assert handler.reconcile({}, CONTEXT) == {"reconciled": 0}
    assert prices(table, [micro]).prices == {micro: Price(0.0136, "USD")}
    handler.reconcile({}, CONTEXT)
    assert len(sold.asked) == 1


@pytest.fixture
def asked(step_functions: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the function of the alerts was asked, by requests that Lambda would take."""
    client = boto3.client("lambda")
    found: list[dict[str, Any]] = []

    def take(params: dict[str, Any], **kwargs: Any) -> tuple[AWSResponse, dict[str, Any]]:
        assert (params["headers"]["X-Amz-Invocation-Type"], params["url_path"]) == (
            "Event",
            "/2015-03-31/functions/nightshift-alerts/invocations",
        )
        found.append(json.loads(params["body"]))
        return AWSResponse("https://lambda", 202, HTTPHeaders(), None), {"StatusCode": 202}

    client.meta.events.register("before-call.lambda.Invoke", take)
    monkeypatch.setattr(trouble, "_lambda", lambda: client)
    monkeypatch.setenv("NIGHTSHIFT_ALERTS", "nightshift-alerts")
    return found


def test_the_alerts_are_asked_to_tell_of_a_run_that_was_stopped(
    step_functions: Any, asked: list[dict[str, Any]]
) -> None:
    arn = started(step_functions, "night")
    handler.handler(event("RUNNING", name="night"), CONTEXT)
    assert asked == []
    step_functions.stop_execution(executionArn=arn)
    handler.handler(event("ABORTED", name="night"), CONTEXT)
    assert asked == [{"flow": "backup", "run": "night"}]


def test_the_alerts_are_asked_about_what_no_event_told(step_functions: Any, asked: list[dict[str, Any]]) -> None:
    step_functions.stop_execution(executionArn=started(step_functions, "unseen"))
    handler.reconcile({}, CONTEXT)
    assert asked == [{"flow": "backup", "run": "unseen"}]


def test_without_alerts_nobody_is_asked(
    step_functions: Any, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIGHTSHIFT_ALERTS")
    step_functions.stop_execution(executionArn=started(step_functions, "night"))
    handler.handler(event("ABORTED", name="night"), CONTEXT)
    assert asked == []
