"""The Lambda handler: the contract's request and reply, logs, metrics, and what it imports."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, ResultTooLarge
from lambdas.runtime import handler as module
from lambdas.runtime.clients import AwsClients
from lambdas.runtime.result_store import ResultStore
from tests.parts.driver import RUN, TestAws

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "results"


class Context:
    """The Lambda context."""

    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def handle(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """handle(part, params, state) -> reply."""
    monkeypatch.setattr(module, "aws", AwsClients(region="us-east-1"))
    monkeypatch.delenv("NIGHTSHIFT_PART", raising=False)
    monkeypatch.setenv("NIGHTSHIFT_RESULTS_BUCKET", BUCKET)
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)

    def handle(
        part: str, params: dict[str, Any], state: Any = None, *, reads: list[str] | None = None, **run: Any
    ) -> dict[str, Any]:
        request = {
            "part": part,
            "params": params,
            "state": state,
            "run": {"id": RUN.id, "flow": "night", "step": "step_1", "call": 1, "item": None, **run},
        }
        if reads is not None:
            request["reads"] = reads
        return dict(json.loads(json.dumps(module.handler(request, Context()))))

    return handle


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is logged; the logger took hold of stdout when it was imported."""
    stream = io.StringIO()
    monkeypatch.setattr(module.logger.registered_handler, "stream", stream)
    return stream


def finish(handle: Any, part: str, params: dict[str, Any]) -> dict[str, Any]:
    """Invoke until done, without waiting."""
    reply = handle(part, params)
    while not reply["done"]:
        reply = handle(part, params, reply["state"])
    return dict(reply["result"])


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_part_runs_to_its_end(handle: Any, launch: Any) -> None:
    ids = launch(2)
    reply = handle("ec2.stop_instances", {"instance_id": ids, "region": None})
    assert reply["done"] is False
    assert reply["wait"] == 1
    assert finish(handle, "ec2.stop_instances", {"instance_id": ids})["changed"] == sorted(ids)


def test_each_log_line_names_the_call(handle: Any, log: io.StringIO) -> None:
    handle("ec2.describe_instances", {"tag": "A=b"}, item=3)
    logged = lines(log.getvalue())
    assert [line["level"] for line in logged] == ["WARNING", "INFO"]
    for line in logged:
        assert line["run"] == RUN.id
        assert (line["flow"], line["step"], line["call"], line["item"]) == ("night", "step_1", 1, 3)
        assert line["part"] == "ec2.describe_instances"
    assert logged[1]["matched"] == 0


def test_metrics_count_invocations_and_failures(handle: Any, log: Any, capsys: pytest.CaptureFixture[str]) -> None:
    handle("ec2.describe_instances", {"tag": "A=b"})
    with pytest.raises(PartFailed):
        handle("ec2.describe_instances", {"instance_id": "i-0aaaaaaaaaaaaaaa1"})
    found = lines(capsys.readouterr().out)
    assert [(m["part"], m["flow"], m["Invocations"], m["Failures"]) for m in found] == [
        ("ec2.describe_instances", "night", [1.0], [0.0]),
        ("ec2.describe_instances", "night", [1.0], [1.0]),
    ]


def test_a_failure_is_logged_with_its_name(handle: Any, log: io.StringIO) -> None:
    with pytest.raises(PartFailed):
        handle("ec2.describe_instances", {"instance_id": "i-0aaaaaaaaaaaaaaa1"})
    line = lines(log.getvalue())[-1]
    assert line["level"] == "ERROR"
    assert line["error"] == "PartFailed"
    assert "i-0aaaaaaaaaaaaaaa1" in line["message"]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "a request is"),
        ({}, "a request is"),
        ({"part": "ec2"}, "is not the name of a part"),
        ({"part": "../etc.passwd"}, "is not the name of a part"),
        ({"part": "nosuch.part"}, "no module nosuch"),
        ({"part": "ec2.nosuch"}, "ec2 has no part nosuch"),
        ({"part": "ec2.select"}, "ec2 has no part select"),
        ({"part": "ec2.stop_instances", "params": []}, "run must be an object"),
        ({"part": "ec2.stop_instances", "params": ["x"]}, "params must be an object"),
        ({"part": "ec2.stop_instances", "state": "x"}, "state must be an object"),
        ({"part": "ec2.stop_instances", "run": {"id": "x", "flow": "f"}}, "run.step"),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused(handle: Any, event: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        module.handler(event, Context())


def test_a_function_serves_only_its_own_part(handle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_PART", "ec2.stop_instances")
    with pytest.raises(InvalidParameter, match=r"this function is ec2\.stop_instances"):
        handle("ec2.describe_instances", {"tag": "A=b"})


def test_a_large_result_goes_to_the_bucket_and_comes_back_as_a_parameter(
    handle: Any, launch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdas.runtime.result_store.INLINE", 2000)
    launch(60, AutoOff="yes")
    found = handle("ec2.describe_instances", {"tag": "AutoOff=yes"})
    assert len(json.dumps(found)) < 2000
    matched = found["result"]["matched"]
    assert matched["count"] == 60
    assert matched["ref"].startswith(f"s3://{BUCKET}/results/night/run-1/step_1/1/matched-")
    again = handle("ec2.describe_instances", {"instance_id": found["result"]["running"]})
    assert again["result"]["summary"] == "60 found: 60 running, 0 stopped"


def test_what_the_flow_reads_stays_in_the_reply(handle: Any, launch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.runtime.result_store.INLINE", 2000)
    launch(60, AutoOff="yes")
    found = handle("ec2.describe_instances", {"tag": "AutoOff=yes"}, reads=["matched"])["result"]
    assert len(found["matched"]) == 60
    assert "ref" in str(found["instances"])
    monkeypatch.setattr("lambdas.runtime.result_store._MOST", 1000)
    found = handle("ec2.describe_instances", {"tag": "AutoOff=yes"}, reads=["matched"])["result"]
    assert found["matched"]["count"] == 60


def test_a_text_that_the_flow_reads_is_there_or_the_part_fails(aws: TestAws) -> None:
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
    store = ResultStore(BUCKET, lambda: aws.client("s3"))
    reply = {"done": True, "result": {"text": "x" * 60_000, "other": "y" * 60_000}}
    kept = store.offload(reply, RUN, ["text"])["result"]
    assert (kept["text"], kept["other"]["count"]) == ("x" * 60_000, 60_000)
    assert store.load(kept)["other"] == "y" * 60_000
    too_large = {"done": True, "result": {"text": "x" * 300_000}}
    with pytest.raises(ResultTooLarge, match="select less"):
        store.offload(too_large, RUN, ["text"])
    assert store.offload(too_large, RUN)["result"]["text"]["count"] == 300_000


def test_a_large_state_goes_to_the_bucket(handle: Any, launch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.runtime.result_store.INLINE", 1000)
    ids = launch(30)
    reply = handle("ec2.stop_instances", {"instance_id": ids})
    assert set(reply["state"]) == {"ref", "count"}
    while not reply["done"]:
        reply = handle("ec2.stop_instances", {"instance_id": ids}, reply["state"])
    assert reply["result"]["changed"] == sorted(ids)


def test_without_a_bucket_a_result_that_does_not_fit_fails(
    handle: Any, launch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIGHTSHIFT_RESULTS_BUCKET")
    launch(1, AutoOff="yes")
    assert handle("ec2.describe_instances", {"tag": "AutoOff=yes"})["result"]["summary"].startswith("1 found")
    monkeypatch.setattr("lambdas.runtime.result_store.INLINE", 100)
    monkeypatch.setattr("lambdas.runtime.result_store._MOST", 200)
    with pytest.raises(ResultTooLarge, match="NIGHTSHIFT_RESULTS_BUCKET"):
        handle("ec2.describe_instances", {"tag": "AutoOff=yes"})


def test_a_reference_to_another_bucket_is_refused(handle: Any) -> None:
    with pytest.raises(InvalidParameter, match="not in the results bucket"):
        handle("ec2.describe_instances", {"instance_id": {"ref": "s3://elsewhere/x.json", "count": 3}})


def test_a_sampled_invocation_is_traced(handle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from aws_lambda_powertools import Tracer

    traced: list[tuple[str, Any]] = []
    monkeypatch.setattr(Tracer, "put_annotation", lambda self, key, value: traced.append((key, value)))
    handle("ec2.describe_instances", {"tag": "A=b"})
    assert traced == []
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    handle("ec2.describe_instances", {"tag": "A=b"})
    assert ("flow", "night") in traced


def imported(body: str) -> set[str]:
    """Modules that `body` leaves imported in a fresh interpreter."""
    script = f"{body}\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", sorted(p.parent.name for p in (ROOT / "lambdas" / "parts").glob("*/__init__.py")))
def test_parts_import_without_boto3(name: str) -> None:
    """The compiler reads their signatures where boto3 is not installed."""
    found = imported(f"import lambdas.parts.{name}")
    assert not found & {"boto3", "botocore", "aws_lambda_powertools", "pystache"}


def test_the_handler_imports_only_what_the_part_uses() -> None:
    found = imported(
        "from lambdas.parts import find_part\nfrom lambdas.runtime.handler import aws\n"
        "find_part('ec2.stop_instances')\naws.client('ec2', region='us-east-1')"
    )
    assert "lambdas.parts.ec2" in found
    assert not found & {
        "lambdas.parts.notify",
        "lambdas.parts.ebs",
        "lambdas.parts.notify._mail",
        "pystache",
        "boto3",
        "aws_xray_sdk",
    }
