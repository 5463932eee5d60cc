"""cloudformation.update_stack."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import cloudformation as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.cloudformation.change_sets import ChangeSets
from tests.parts.cloudformation.stacks import PLAIN, ROLE, TEMPLATE, create
from tests.parts.driver import Fault, Killed, TestAws, drive, times

PARAMS = {"stack_name": "demo", "parameters": {"Size": "large"}}


@pytest.fixture
def sets(aws: TestAws, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> ChangeSets:
    """The stack "demo", and change sets as AWS has them."""
    create(cloud, Tags=[{"Key": "Team", "Value": "ops"}])
    return ChangeSets(aws, monkeypatch)


def left(cloud: Any) -> list[str]:
    """The change sets that wait to be executed."""
    listed = cloud.list_change_sets(StackName="demo")["Summaries"]
    return [s["ChangeSetName"] for s in listed if s["ExecutionStatus"] != "EXECUTE_COMPLETE"]


def written(folder: Path, **resources: Any) -> str:
    """A template with these resources instead of the one it has; its name."""
    changed: dict[str, Any] = copy.deepcopy(TEMPLATE)
    changed["Resources"] = {**changed["Resources"], **resources}
    kept = {name: resource for name, resource in changed["Resources"].items() if resource is not None}
    (folder / "changed.json").write_text(json.dumps({**changed, "Resources": kept, "Outputs": {}}))
    return "changed.json"


def test_one_parameter_changes_and_the_others_stay(aws: TestAws, cloud: Any, sets: ChangeSets) -> None:
    outcome = drive(parts.update_stack, aws, {**PARAMS, "cloudformation_role_arn": ROLE})
    result = outcome.result
    assert sum(outcome.waits) >= 70
    assert (result["changed"], result["status"]) == (["demo"], "UPDATE_COMPLETE")
    assert result["outputs"]["Url"].endswith("/demo")
    (sent,) = aws.made("CreateChangeSet")
    assert sent["Parameters"] == [
        {"ParameterKey": "Size", "ParameterValue": "large"},
        {"ParameterKey": "Stage", "UsePreviousValue": True},
    ]
    assert (sent["UsePreviousTemplate"], sent["RoleARN"], sent["IncludeNestedStacks"]) == (True, ROLE, True)
    assert "Tags" not in sent
    assert sets.executions == 1


def test_a_parameter_that_the_new_template_has_not_is_not_kept(
    aws: TestAws, cloud: Any, sets: ChangeSets, templates: Path
) -> None:
    (templates / "plain.json").write_text(PLAIN)
    drive(parts.update_stack, aws, {"stack_name": "demo", "template": "plain.json", "dry_run": True})
    assert aws.made("CreateChangeSet")[0]["Parameters"] == []


@pytest.mark.parametrize(
    "reason", ["", "The submitted information didn't contain changes. Submit different information."]
)
def test_nothing_to_change_is_skipped(aws: TestAws, cloud: Any, sets: ChangeSets, reason: str) -> None:
    def unmade(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeChangeSet" and reason:
            answer.update(Status="FAILED", StatusReason=reason, ExecutionStatus="UNAVAILABLE")

    aws.hooks.append(unmade)
    # moto refuses to make one for what the stack is already; AWS makes one that has failed.
    params = {"stack_name": "demo", "parameters": {"Stage": "demo", "Size": "large" if reason else "small"}}
    result = drive(parts.update_stack, aws, params).result
    assert result["skipped"] == [{"id": "demo", "reason": "nothing to change"}]
    assert (result["changed"], result["summary"]) == ([], "stack demo is up to date")
    assert (left(cloud), sets.executions) == ([], 0)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(("how", "said"), [("True", "replaced"), ("Conditional", "may be replaced")])
def test_a_replacement_is_refused_unless_it_is_allowed(
    aws: TestAws, cloud: Any, sets: ChangeSets, templates: Path, how: str, said: str, dry_run: bool
) -> None:
    sets.replaces["Jobs"] = how
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "another"}}
    params = {"stack_name": "demo", "template": written(templates, Jobs=queue), "dry_run": dry_run}
    with pytest.raises(PartFailed, match=rf"ReplacementRefused: .*Modify AWS::SQS::Queue Jobs, {said}"):
        drive(parts.update_stack, aws, params)
    assert (left(cloud), sets.executions) == ([], 0)
    result = drive(parts.update_stack, aws, {**params, "allow_replacement": True}).result
    assert result["changed"] == ["demo"]
    assert sets.executions == (not dry_run)


def test_a_deletion_is_refused_unless_it_is_allowed_or_the_resource_is_kept(
    aws: TestAws, cloud: Any, sets: ChangeSets, templates: Path
) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "new"}}
    params = {"stack_name": "demo", "template": written(templates, Jobs=None, News=topic)}
    with pytest.raises(PartFailed, match=r"DeletionRefused: .*would delete resources: Remove AWS::SQS::Queue Jobs"):
        drive(parts.update_stack, aws, params)
    assert sets.executions == 0
    dry = drive(parts.update_stack, aws, {**params, "allow_deletion": True, "dry_run": True}).result
    assert dry["summary"] == "would update stack demo: Add AWS::SNS::Topic News; Remove AWS::SQS::Queue Jobs"
    assert [(c["action"], c["logical_id"], c["deletes"]) for c in dry["changes"]] == [
        ("Add", "News", False),
        ("Remove", "Jobs", True),
    ]
    assert (left(cloud), sets.executions) == ([], 0)
    sets.keeps.add("Jobs")
    assert drive(parts.update_stack, aws, params).result["changed"] == ["demo"]


def test_what_is_in_a_nested_stack_is_looked_at(aws: TestAws, cloud: Any, sets: ChangeSets, templates: Path) -> None:
    inner = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/inner/1"

    def nested(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation != "DescribeChangeSet" or "StackName" not in params:
            return
        for change in answer.get("Changes", []):
            told = change["ResourceChange"]
            told.update(ResourceType="AWS::CloudFormation::Stack", LogicalResourceId="Network", ChangeSetId=inner)

    subnet = {"Action": "Modify", "LogicalResourceId": "Subnet", "ResourceType": "AWS::EC2::Subnet"}
    sets.nested[inner] = [{"Type": "Resource", "ResourceChange": {**subnet, "Replacement": "True"}}]
    aws.hooks.append(nested)
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "another"}}
    with pytest.raises(PartFailed, match=r"Modify AWS::EC2::Subnet Network/Subnet, replaced"):
        drive(parts.update_stack, aws, {"stack_name": "demo", "template": written(templates, Jobs=queue)})


def test_the_first_failed_resource_of_this_update_is_named_when_it_is_rolled_back(
    aws: TestAws, cloud: Any, sets: ChangeSets
) -> None:
    sets.fails = [
        ("Jobs", "AWS::SQS::Queue", "Resource update cancelled"),
        ("Logs", "AWS::S3::Bucket", "logs is taken"),
        ("Late", "AWS::SNS::Topic", "another"),
    ]
    with pytest.raises(PartFailed) as raised:
        drive(parts.update_stack, aws, PARAMS)
    said = "UPDATE_FAILED: AWS::S3::Bucket Logs: logs is taken. UPDATE_ROLLBACK_COMPLETE: the stack was rolled back"
    assert said in raised.value.cause
    result = drive(parts.update_stack, aws, {**PARAMS, "on_failure": "continue"}).result
    assert result["failed_resource"] == "AWS::S3::Bucket Logs: logs is taken"


@pytest.mark.parametrize("operation", ["CreateChangeSet", "ExecuteChangeSet"])
def test_a_lost_response_changes_nothing_twice(aws: TestAws, cloud: Any, sets: ChangeSets, operation: str) -> None:
    remaining = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        remaining[0] -= 1
        if remaining[0] >= 0:
            raise Killed

    aws.faults[operation] = Fault(after=die)
    outcome = drive(parts.update_stack, aws, PARAMS)
    assert (outcome.deaths, outcome.result["changed"], sets.executions) == (1, ["demo"], 1)
    assert len({sent["ChangeSetName"] for sent in aws.made("CreateChangeSet")}) == 1


def test_what_else_changes_the_stack_is_awaited(aws: TestAws, cloud: Any, sets: ChangeSets) -> None:
    asked = [0]

    def busy(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeStacks":
            asked[0] += 1
            if asked[0] <= 3:
                answer["Stacks"][0]["StackStatus"] = "UPDATE_IN_PROGRESS"

    aws.hooks.append(busy)
    assert drive(parts.update_stack, aws, PARAMS).result["changed"] == ["demo"]
    assert asked[0] > 3


def test_a_change_set_that_cannot_be_made_is_told(aws: TestAws, cloud: Any, sets: ChangeSets) -> None:
    def unmade(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeChangeSet":
            answer.update(Status="FAILED", StatusReason="Transform Macro failed", ExecutionStatus="UNAVAILABLE")

    aws.hooks.append(unmade)
    with pytest.raises(PartFailed, match="ChangeSetFailed: Transform Macro failed"):
        drive(parts.update_stack, aws, PARAMS)
    assert left(cloud) == []


def test_an_update_by_something_else_meanwhile_is_told(aws: TestAws, cloud: Any, sets: ChangeSets) -> None:
    def obsolete(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeChangeSet" and answer["ExecutionStatus"] == "AVAILABLE":
            answer["ExecutionStatus"] = "OBSOLETE"

    aws.hooks.append(obsolete)
    with pytest.raises(PartFailed, match=r"ChangeSetObsolete: .*start anew"):
        drive(parts.update_stack, aws, PARAMS)
    assert sets.executions == 0


def test_what_cloudformation_refuses_is_a_failure(aws: TestAws, cloud: Any, sets: ChangeSets) -> None:
    aws.faults["CreateChangeSet"] = times(1, (400, "InsufficientCapabilitiesException", "Requires CAPABILITY_IAM"))
    with pytest.raises(PartFailed, match=r"InsufficientCapabilitiesException: .*CAPABILITY_IAM"):
        drive(parts.update_stack, aws, PARAMS)
    with pytest.raises(PartFailed, match=r"StackNotFound.*create it with cloudformation\.create_stack"):
        drive(parts.update_stack, aws, {**PARAMS, "stack_name": "absent"})
    aws.faults["ExecuteChangeSet"] = Fault(lambda p: (403, "AccessDenied", "not authorized"))
    with pytest.raises(AccessDenied, match="ExecuteChangeSet"):
        drive(parts.update_stack, aws, PARAMS)
    with pytest.raises(InvalidParameter, match="not both"):
        drive(parts.update_stack, aws, {**PARAMS, "template": "jobs.json", "template_url": "s3://a/b.json"})


def test_it_gives_up_at_its_timeout(aws: TestAws, cloud: Any, sets: ChangeSets) -> None:
    sets.execute = 100_000
    with pytest.raises(PartTimeout, match="'demo' was UPDATE_IN_PROGRESS at the end"):
        drive(parts.update_stack, aws, {**PARAMS, "timeout": "20m"})


def _world(aws: FaultyAws) -> ChangeSets:
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName="jobs",
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": "jobs"}],
    )
    cloudformation.create_stack(StackName="other", TemplateBody=PLAIN)
    return ChangeSets(aws, aws.patch, execute=30)


def _update(aws: FaultyAws) -> dict[str, Any]:
    _world(aws)
    changed: dict[str, Any] = copy.deepcopy(TEMPLATE)
    changed["Resources"]["News"] = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    s3 = client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="jobs.json", Body=json.dumps(changed))
    return {
        "stack_name": "jobs",
        "template_url": "s3://templates/jobs.json",
        "parameters": {"Size": "large"},
        "cloudformation_role_arn": ROLE,
    }


def _nothing(aws: FaultyAws) -> dict[str, Any]:
    _world(aws)
    return {"stack_name": "jobs", "parameters": {"Stage": "jobs", "Size": "small"}}


def _fails(aws: FaultyAws) -> dict[str, Any]:
    _world(aws).fails = [("Jobs", "AWS::SQS::Queue", "the quota is used up")]
    return {"stack_name": "jobs", "parameters": {"Size": "large"}}


SCENARIOS = [
    Scenario("from S3", "cloudformation.update_stack", _update),
    Scenario("nothing to change", "cloudformation.update_stack", _nothing),
    Scenario("a resource fails", "cloudformation.update_stack", _fails, fails="PartFailed"),
]
