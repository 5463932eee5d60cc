"""aws.call, aws.wait and aws.poll against moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws
from sfnx.testing import run as run_machine

from lambdas.contract.errors import AnswerLost, InvalidParameter, ServiceError
from lambdas.contract.part import Run
from lambdas.parts import aws as parts
from lambdas.parts.aws import _output, _request
from lambdas.runtime.result_store import ResultStore
from nightshift import local_run
from nightshift.compiler import compile_file
from tests.parts.driver import Fault, TestAws

RUN = Run("arn:aws:states:us-east-1:123456789012:execution:f:1", "f", "step")
ORDERS: dict[str, Any] = {"DBInstanceIdentifier": "orders"}
SNIPPET = Path(__file__).parents[3] / "docs/snippets/aws_call.py"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestAws]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        _client("rds").create_db_instance(
            **ORDERS,
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="admin",
            MasterUserPassword="hidden-hidden",
        )
        yield TestAws()


def _client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name="us-east-1")


def _call(aws: TestAws, service: str, operation: str, run: Run = RUN, state: Any = None, **given: Any) -> Any:
    params = {"service": service, "operation": operation, "parameters": given}
    return parts.call.invoke(aws, run, params, state)


def _lost(params: dict[str, Any], answer: dict[str, Any]) -> None:
    raise ReadTimeoutError(endpoint_url="https://aws.invalid")


def _would_succeed(params: dict[str, Any], answer: dict[str, Any]) -> None:
    raise ClientError({"Error": {"Code": "DryRunOperationException", "Message": "would have succeeded"}}, "CreateGrant")


def test_a_write_whose_answer_is_lost_is_not_repeated(aws: TestAws) -> None:
    aws.faults["StopDBInstance"] = Fault(after=_lost)
    with pytest.raises(AnswerLost, match=r"rds stop_db_instance\(.*'orders'.* may have had effect.* redrive"):
        _call(aws, "rds", "stop_db_instance", **ORDERS)
    assert [name for name, _ in aws.calls] == ["StopDBInstance"]


def test_a_write_with_a_token_is_repeated_with_the_same(aws: TestAws) -> None:
    aws.faults["CreateVolume"] = Fault(after=_lost)
    given: dict[str, Any] = {"AvailabilityZone": "us-east-1a", "Size": 1}
    waiting = _call(aws, "ec2", "create_volume", **given)
    assert not waiting["done"]
    aws.faults.clear()
    assert _call(aws, "ec2", "create_volume", state=waiting["state"], **given)["done"]
    first, second = (params["ClientToken"] for name, params in aws.calls if name == "CreateVolume")
    assert first == second


def test_throttling_is_waited_out_by_the_state_machine(aws: TestAws) -> None:
    aws.faults["StopDBInstance"] = Fault(lambda params: (400, "Throttling", "Rate exceeded"))
    reply = _call(aws, "rds", "stop_db_instance", **ORDERS)
    assert not reply["done"]
    assert reply["wait"] >= 1


def test_a_dry_run_changes_nothing_and_says_what_it_would(aws: TestAws) -> None:
    dry = Run(RUN.id, RUN.flow, RUN.step, dry_run=True)
    result = _call(aws, "rds", "stop_db_instance", dry, **ORDERS)["result"]
    assert result["changed"] == result["matched"] == ["orders"]
    assert "would call rds stop_db_instance" in result["summary"]
    assert aws.calls == []
    assert (
        "AWS would let it"
        in _call(aws, "ec2", "create_volume", dry, AvailabilityZone="us-east-1a", Size=1)["result"]["summary"]
    )
    assert _client("ec2").describe_volumes()["Volumes"] == []


def test_a_dry_run_goes_before_a_dry_run_that_the_flow_gives(aws: TestAws) -> None:
    dry = Run(RUN.id, RUN.flow, RUN.step, dry_run=True)
    given: dict[str, Any] = {"AvailabilityZone": "us-east-1a", "Size": 1, "DryRun": False}
    assert "AWS would let it" in _call(aws, "ec2", "create_volume", dry, **given)["result"]["summary"]
    assert _client("ec2").describe_volumes()["Volumes"] == []


def test_kms_has_an_error_of_its_own_for_what_it_would_let(aws: TestAws) -> None:
    key = _client("kms").create_key()["KeyMetadata"]["KeyId"]
    aws.faults["CreateGrant"] = Fault(after=_would_succeed)
    given = {"KeyId": key, "GranteePrincipal": "arn:aws:iam::123456789012:role/r", "Operations": ["Decrypt"]}
    dry = Run(RUN.id, RUN.flow, RUN.step, dry_run=True)
    assert "AWS would let it" in _call(aws, "kms", "create_grant", dry, **given)["result"]["summary"]
    ((name, params),) = aws.calls
    assert (name, params["DryRun"]) == ("CreateGrant", True)


def test_what_aws_marks_as_sensitive_is_not_shown(aws: TestAws) -> None:
    dry = Run(RUN.id, RUN.flow, RUN.step, dry_run=True)
    summary = _call(aws, "ssm", "put_parameter", dry, Name="orders", Value="hidden")["result"]["summary"]
    assert "Name='orders'" in summary
    assert "hidden" not in summary


def test_what_is_secret_inside_of_a_parameter_is_not_shown(aws: TestAws) -> None:
    dry = Run(RUN.id, RUN.flow, RUN.step, dry_run=True)
    given: dict[str, Any] = {"FunctionName": "orders", "Environment": {"Variables": {"LEVEL": "hidden"}}}
    result = _call(aws, "lambda", "update_function_configuration", dry, **given)["result"]
    assert "Environment={'Variables': ***}" in result["summary"]
    assert "hidden" not in json.dumps(result)


def test_a_secret_is_never_what_a_call_is_about(aws: TestAws) -> None:
    given: dict[str, Any] = {"Name": "orders", "Value": "hidden", "Type": "String"}
    reply = _call(aws, "ssm", "put_parameter", **given)
    assert reply["result"]["matched"] == reply["result"]["changed"] == ["orders"]
    assert "hidden" not in json.dumps(reply)
    aws.faults["PutParameter"] = Fault(after=_lost)
    with pytest.raises(AnswerLost) as lost:
        _call(aws, "ssm", "put_parameter", Overwrite=True, **given)
    assert "hidden" not in str(lost.value)


def test_a_map_and_a_list_of_secrets_stay_out() -> None:
    operations = _client("lambda").meta.service_model
    shape = operations.operation_model("GetFunctionConfiguration").output_shape
    assert _output.plain({"Environment": {"Variables": {"LEVEL": "hidden"}}}, shape)["Environment"] == {}
    shape = operations.operation_model("GetDurableExecution").output_shape
    assert "StackTrace" not in _output.plain({"Error": {"StackTrace": ["hidden"]}}, shape)["Error"]


def test_pages_are_merged_over_invocations(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_request, "PAGE", 2)
    iam = _client("iam")
    names = [f"user-{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name)
    reply = _call(aws, "iam", "list_users")
    invocations = 1
    while not reply["done"]:
        reply = _call(aws, "iam", "list_users", state=json.loads(json.dumps(reply["state"])))
        invocations += 1
    assert [user["UserName"] for user in reply["result"]["output"]["Users"]] == names
    assert invocations == 3


def test_bytes_are_merged_over_invocations(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    _client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(3):
        item = {"id": {"S": str(number)}, "seal": {"B": bytes([number])}}
        _client("dynamodb").put_item(TableName="orders", Item=item)
    monkeypatch.setattr(_request, "PAGE", 2)
    reply = _call(aws, "dynamodb", "scan", TableName="orders")
    assert not reply["done"]
    reply = _call(aws, "dynamodb", "scan", state=json.loads(json.dumps(reply["state"])), TableName="orders")
    items = reply["result"]["output"]["Items"]
    assert sorted(item["seal"]["B"] for item in items) == [b"\x00", b"\x01", b"\x02"]


def test_policies_and_templates_are_the_text_that_their_models_say(aws: TestAws) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    _client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=policy)
    role = _call(aws, "iam", "get_role", RoleName="orders")["result"]["output"]["Role"]
    assert json.loads(role["AssumeRolePolicyDocument"]) == json.loads(policy)
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    _client("cloudformation").create_stack(StackName="orders", TemplateBody=template)
    told = _call(aws, "cloudformation", "get_template", StackName="orders")["result"]["output"]
    assert told["TemplateBody"] == template


def test_secrets_stay_out_and_lists_that_aws_left_out_are_empty(aws: TestAws) -> None:
    (db,) = _call(aws, "rds", "describe_db_instances", **ORDERS)["result"]["output"]["DBInstances"]
    assert "hidden" not in json.dumps(db)
    assert db["ReadReplicaDBClusterIdentifiers"] == []


@pytest.mark.parametrize("left_out", [False, True], ids=["as a state holds it", "as CPython holds it"])
def test_an_item_that_was_read_can_be_written(aws: TestAws, left_out: bool) -> None:
    """Of a union one member is set: empty ones beside it are refused by AWS, and None is what CPython sees of them."""
    table: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    table["AttributeDefinitions"] = [{"AttributeName": "id", "AttributeType": "S"}]
    item = {"id": {"S": "a"}, "sizes": {"L": [{"N": "1"}, {"M": {"unit": {"S": "GiB"}}}]}, "none": {"L": []}}
    _client("dynamodb").create_table(TableName="orders", **table)
    _client("dynamodb").put_item(TableName="orders", Item=item)
    read = _call(aws, "dynamodb", "get_item", TableName="orders", Key={"id": {"S": "a"}})["result"]["output"]
    if left_out:
        shape = _client("dynamodb").meta.service_model.operation_model("GetItem").output_shape
        read = _output.completed(read, shape)
        assert read["Item"]["id"]["SS"] is None
    else:
        assert read["Item"] == item
    _call(aws, "dynamodb", "put_item", TableName="orders", Item={**read["Item"], "id": {"S": "b"}})
    assert _client("dynamodb").scan(TableName="orders")["Count"] == 2


def test_bytes_go_to_the_results_bucket(aws: TestAws) -> None:
    s3 = _client("s3")
    for bucket in ("results", "orders"):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket="orders", Key="k", Body=b"\x00\x01")
    reply = _call(aws, "s3", "get_object", Bucket="orders", Key="k")
    stored = ResultStore("results", lambda: s3).offload(reply, RUN)["result"]["output"]["Body"]
    bucket, _, key = stored.removeprefix("s3://").partition("/")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"\x00\x01"


def test_an_operation_that_the_function_does_not_know(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match=r"botocore .* does not know rds stop_everything"):
        _call(aws, "rds", "stop_everything")
    with pytest.raises(ServiceError, match="DBInstanceNotFound"):
        _call(aws, "rds", "stop_db_instance", DBInstanceIdentifier="none")


def test_a_wait_and_a_poll_wait_in_the_state_machine(aws: TestAws) -> None:
    _client("rds").stop_db_instance(**ORDERS)
    wait = {"service": "rds", "waiter": "db_instance_available", "parameters": ORDERS}
    reply = parts.wait.invoke(aws, RUN, wait, None)
    assert (reply["done"], reply["wait"]) == (False, 30)
    _client("rds").start_db_instance(**ORDERS)
    assert parts.wait.invoke(aws, RUN, wait, reply["state"])["done"]
    poll = {"service": "rds", "operation": "describe_db_instances", "parameters": ORDERS}
    until = {"until": "DBInstances[0].DBInstanceStatus == 'stopped'"}
    assert not parts.poll.invoke(aws, RUN, poll | until, None)["done"]
    _client("rds").stop_db_instance(**ORDERS)
    assert parts.poll.invoke(aws, RUN, poll | until, None)["done"]


def test_a_call_without_token_is_not_retried_by_the_state_machine() -> None:
    (flow,) = compile_file(SNIPPET)
    retried = {
        name: [r["ErrorEquals"] for r in s["Retry"]] for name, s in flow.definition["States"].items() if "Retry" in s
    }
    assert retried["rds.stop_db_instance"] == [["Lambda.TooManyRequestsException"]]
    assert len(retried["rds.describe_db_instances"]) == 3
    assert set(flow.functions) == {"aws.rds.rest_orders"}


def test_the_flow_of_the_page_runs_under_cpython(aws: TestAws) -> None:
    names: dict[str, Any] = {}
    exec(compile(SNIPPET.read_text(), str(SNIPPET), "exec"), names)
    with local_run(aws=aws, sleep=lambda seconds: None, log=lambda line: None):
        assert names["rest_orders"]().startswith("orders.")
    assert [name for name, _ in aws.calls if not name.startswith("Describe")] == ["StopDBInstance", "StartDBInstance"]


def test_a_field_that_aws_left_out_can_be_tested_in_the_state_machine(aws: TestAws, tmp_path: Path) -> None:
    file = tmp_path / "tested.py"
    file.write_text(
        "from lambdas.parts import aws\nfrom nightshift import flow\n\n\n@flow\ndef tested():\n"
        '    db = aws.call("rds", "describe_db_instances").DBInstances[0]\n'
        "    if db.ReadReplicaSourceDBInstanceIdentifier is None and db.Endpoint and not db.KmsKeyId:\n"
        "        return db.Endpoint.Address\n"
        '    return ""\n'
    )
    (flow,) = compile_file(file)

    def task(call: Any) -> Any:
        payload = json.loads(json.dumps(call.arguments["Payload"]))
        reply = parts.call.invoke(aws, Run(**payload["run"]), payload["params"], payload["state"])
        return {"StatusCode": 200, "Payload": json.loads(json.dumps(reply))}

    execution = run_machine(flow.definition, {}, task)
    assert execution.error is None, execution.cause
    assert str(execution.output).startswith("orders.")
