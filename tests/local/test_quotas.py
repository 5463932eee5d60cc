"""The quotas of the local account: an empty bucket refuses as Step Functions does, and so does a full account."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from nightshift.local import LocalAws, down, up
from tests.waiting import until

ROLE = "arn:aws:iam::123456789012:role/any"
ONCE = Config(retries={"total_max_attempts": 1})
HANDLER = """
import pathlib, time

def handler(event, context):
    pathlib.Path(event["began"]).touch()
    while not pathlib.Path(event["until"]).exists():
        time.sleep(0.02)
    pathlib.Path(event["ended"]).touch()
    return "done"
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    project = tmp_path_factory.mktemp("quotas")
    try:
        # Its roles are made up.
        yield up(project, deploy=False, iam=False)
    finally:
        down(project)


def refusals(local: LocalAws, times: int) -> list[str]:
    """The errors of so many requests for the list of state machines."""
    client = local.session().client("stepfunctions", config=ONCE)
    found = []
    for _ in range(times):
        try:
            client.list_state_machines()
        except ClientError as error:
            found.append("{Code}: {Message}".format(**error.response["Error"]))
    return found


def test_a_bucket_that_is_empty_refuses_until_it_refills(local: LocalAws) -> None:
    before, _ = local.asked()
    local.set_quotas(speed=0)
    assert refusals(local, 102) == ["ThrottlingException: Rate exceeded"] * 2
    asked, throttled = local.asked()
    assert (asked["ListStateMachines"] - before["ListStateMachines"], throttled["ListStateMachines"]) == (102, 2)
    # Other actions have buckets of their own.
    machine = local.session().client("stepfunctions", config=ONCE).create_state_machine
    states = {"Done": {"Type": "Pass", "End": True}}
    assert machine(name="idle", roleArn=ROLE, definition=json.dumps({"StartAt": "Done", "States": states}))
    local.set_quotas(speed=1000)
    assert refusals(local, 150) == []


def test_a_full_account_refuses_functions_and_events_wait_for_it(local: LocalAws, tmp_path: Any) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", HANDLER)
    functions = local.session().client("lambda", config=ONCE)
    made = functions.create_function(
        FunctionName="slow", Runtime="python3.13", Handler="app.handler", Role=ROLE, Code={"ZipFile": code.getvalue()}
    )
    gate, ended = tmp_path / "gate", tmp_path / "ended"
    began = tmp_path / "began"
    given = {"until": str(gate), "began": str(began), "ended": str(tmp_path / "first")}
    local.set_quotas(concurrency=1)
    events = local.session().client("events")
    events.put_rule(Name="slow", EventPattern=json.dumps({"source": ["test"]}))
    target = {"Id": "slow", "Arn": made["FunctionArn"], "Input": json.dumps({**given, "ended": str(ended)})}
    events.put_targets(Rule="slow", Targets=[target])
    with ThreadPoolExecutor() as threads:
        first = threads.submit(functions.invoke, FunctionName="slow", Payload=json.dumps(given))
        assert until(began.exists, "the account to be full")
        with pytest.raises(functions.exceptions.TooManyRequestsException):
            functions.invoke(FunctionName="slow", Payload=json.dumps(given))
        events.put_events(Entries=[{"Source": "test", "DetailType": "x", "Detail": "{}"}])
        gate.touch()
        assert json.loads(first.result()["Payload"].read()) == "done"
    assert until(ended.exists, "the event to reach the function")
    local.set_quotas(concurrency=0)
