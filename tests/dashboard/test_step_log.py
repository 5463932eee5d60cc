"""The log lines of a step, as the API reads them from CloudWatch Logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from lambdas.dashboard import deployment
from lambdas.runs import logs
from tests.dashboard.api import Api
from tests.dashboard.runs import START, record
from tests.tables import REGION

GROUP = "/aws/lambda/nightshift-ec2-stop_instances"
PATH = "/runs/evening_stop/a/logs"


@pytest.fixture
def log(aws: Any) -> Iterator[Any]:
    """A run with a step whose part has a log group; puts lines there: seconds after the start, and fields."""
    steps = [
        {
            "name": name,
            "label": name,
            "part": part,
            "started": START.isoformat(),
            "ended": (START + timedelta(minutes=2)).isoformat(),
        }
        for name, part in (("ec2.stop_instances", "ec2.stop_instances"), ("a wait", ""))
    ]
    record(aws, "evening_stop", "a", detail={"steps": steps})
    deployment.logs.cache_clear()
    client = boto3.client("logs", region_name=REGION)
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName="one")

    def put(seconds: float, **fields: Any) -> None:
        told = {
            "level": "INFO",
            "message": "waiting for i-1",
            "run": deployment.execution_arn("evening_stop", "a"),
            "step": "ec2.stop_instances",
            "call": 0,
            "item": None,
            **fields,
        }
        at = int((START + timedelta(seconds=seconds)).timestamp() * 1000)
        event = {"timestamp": at, "message": json.dumps(told)}
        client.put_log_events(logGroupName=GROUP, logStreamName="one", logEvents=[event])

    yield put
    deployment.logs.cache_clear()


def messages(api: Api) -> list[str]:
    """The lines of the step."""
    return [line["message"] for line in api.get(PATH, step="ec2.stop_instances").json["lines"]]


def test_a_step_tells_what_its_part_wrote_in_this_run(admin: Api, log: Any) -> None:
    log(1)
    log(60, level="ERROR", message="it does not stop", call=2, item="i-1")
    log(61, message="another run", run=deployment.execution_arn("evening_stop", "b"))
    log(62, message="another step", step="ec2.stop_instances (2)")
    log(62, message="of a run whose name begins so", run=deployment.execution_arn("evening_stop", "ab"))
    log(600, message="long after")
    told = admin.get(PATH, step="ec2.stop_instances").json
    assert told == {
        "lines": [
            {"time": "2026-11-20T03:00:01.000Z", "level": "INFO", "message": "waiting for i-1", "call": 0, "item": ""},
            {
                "time": "2026-11-20T03:01:00.000Z",
                "level": "ERROR",
                "message": "it does not stop",
                "call": 2,
                "item": "i-1",
            },
        ],
        "more": False,
    }


def test_very_many_lines_are_cut(admin: Api, log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST", 2)
    for second in range(3):
        log(second, message=f"line {second}")
    assert messages(admin) == ["line 0", "line 1"]
    assert admin.get(PATH, step="ec2.stop_instances").json["more"] is True


def test_no_more_pages_are_asked_for_than_there_is_time(admin: Api, log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_SECONDS", -1)
    asked: list[Any] = []
    read = deployment.logs().filter_log_events

    def page(**query: Any) -> Any:
        asked.append(query)
        return {**read(**query), "nextToken": "another"}

    monkeypatch.setattr(deployment.logs(), "filter_log_events", page)
    log(1)
    assert admin.get(PATH, step="ec2.stop_instances").json["more"] is True
    assert len(asked) == 1


def test_a_log_that_is_gone_has_no_lines(admin: Api, log: Any) -> None:
    boto3.client("logs", region_name=REGION).delete_log_group(logGroupName=GROUP)
    assert admin.get(PATH, step="ec2.stop_instances").json == {"lines": [], "more": False}


def test_only_steps_that_call_parts_have_a_log(admin: Api, log: Any) -> None:
    for step in ("a wait", "no such step"):
        assert admin.get(PATH, step=step).status == 404
    assert admin.get(PATH).status == 422
    assert Api("otto", ("others",)).get(PATH, step="ec2.stop_instances").status == 404
