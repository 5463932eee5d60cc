"""The templates beside those of the last release (`release.json`): an update replaces nothing and loses nothing.

A difference is listed here with the reason why it stands. `tests/stacks/release.py` says what the app holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.stacks.release import RECORDED, Templates, synthesized

DIFFERENCES = {
    r"Flows\d\d/(DeletionPolicy|UpdateReplacePolicy)": "What CloudFormation does without it, too; CDK writes it down.",
    r"Flows\d\d/Metadata": "Where `cdk diff` finds the template; CDK writes it when its CLI asks for it.",
    r"Flows\d\d/Properties/TemplateURL/Fn::(Join|Sub)": "The same address, joined instead of substituted.",
    r"Flows\d\d/DependsOn": "The flows come after the check that no run needs what goes.",
    r"\w+/Properties/Handler": "Modules move, and with them their name in Lambda.",
    r"(AlarmReceiver|Dashboard|Gate|Tracker|TrackerReconciler)Role/Properties/Policies/.*": "A Deny keeps them from "
    "the runs of an app whose prefix begins with this one's.",
    r"ApprovalRole/Properties/Policies/.*": "SES asks for permission on a default configuration set, too; the table "
    "keeps what is asked.",
    r"Approval/Properties/(Description|Environment/Variables/NIGHTSHIFT_\w+)": "It keeps what is asked and says where.",
    r"TrackerReconcilerRule/Properties/(Description|ScheduleExpression)": "A share of the flows at a time, so that the "
    "quotas of Step Functions reads hold.",
    r"(Table|ResultsBucket|UserPool)/DeletionPolicy": "RetainExceptOnCreate: a failed first deployment leaves nothing.",
    r"ResultsBucket/Properties/(VersioningConfiguration|LifecycleConfiguration/.*)": "Earlier versions stay a while.",
    r"(Table/Properties/DeletionProtectionEnabled|UserPool/Properties/DeletionProtection)": "An option; off as before.",
    r"Dashboard\w+/Properties/(OriginAccessControl|ResponseHeadersPolicy)Config/Name": "CloudFront knows no regions; "
    "the names are changed in place.",
    r"TopicArn\w+Subscription\w+/Properties/RedrivePolicy/.*": "Left out where the topic is in another region.",
    r"Flows\d\d\.\w+/Properties/DefinitionString(/Fn::Sub)?": 'In the partition "aws" it is the same definition.',
    r"Part\w+/Properties/Description": "The first line of what a part says of itself.",
    r"Part\w+Role/Properties/Policies/.*": "What a part declares: test_app.py holds the role to that.",
    r"Part\w+Role/Properties/RoleName": "Other accounts trust the roles of parts by name.",
}
"""Path of a difference -> why it stands."""

REPLACED = {
    r"Part\w+Role/RoleName": "A role with a new name is made, the function takes it, and then the old one goes.",
}
"""Property for which a resource is replaced -> why nothing is lost by it."""

Resource = dict[str, Any]


@pytest.fixture(scope="module")
def before() -> dict[str, Resource]:
    """The resources of the last release."""
    return by_id(json.loads(RECORDED.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resource]:
    """The resources as they are made now."""
    return by_id(synthesized(tmp_path_factory.mktemp("app")))


def by_id(templates: Templates) -> dict[str, Resource]:
    """The resources of all templates by their logical id, those of a nested stack with its own before it."""
    found = {}
    for name, template in templates.items():
        stack = re.search(r"Flows\d\d", name)
        for logical_id, resource in template["Resources"].items():
            found[f"{stack[0]}.{logical_id}" if stack else logical_id] = resource
    return found


def differences(path: str, old: Any, new: Any) -> Iterator[str]:
    """Where two values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from differences(f"{path}/{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from differences(f"{path}/{number}", *pair)
    elif old != new:
        yield path


def create_only(kind: str) -> set[str]:
    """The properties of a type that CloudFormation changes only by making another resource, as its schema says."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return {name.removeprefix("/properties/") for name in schema.get("createOnlyProperties", [])}


def test_every_resource_keeps_its_logical_id_and_its_type(
    before: dict[str, Resource], after: dict[str, Resource]
) -> None:
    assert {name: resource["Type"] for name, resource in before.items()}.items() <= {
        name: resource["Type"] for name, resource in after.items()
    }.items()


def test_no_resource_is_replaced_without_a_reason(before: dict[str, Resource], after: dict[str, Resource]) -> None:
    replaced = [
        f"{name}/{key}"
        for name, resource in before.items()
        for key in create_only(resource["Type"])
        # A version of a layer is a new one with each content.
        if resource["Type"] != "AWS::Lambda::LayerVersion"
        if resource["Properties"].get(key) != after[name]["Properties"].get(key)
    ]
    known = re.compile("|".join(REPLACED))
    assert [path for path in replaced if not known.fullmatch(path)] == []


def test_what_differs_is_known(before: dict[str, Resource], after: dict[str, Resource]) -> None:
    known = re.compile("|".join(DIFFERENCES))
    found = [
        path for name, resource in before.items() for path in differences(name, ordered(resource), ordered(after[name]))
    ]
    assert [path for path in found if not known.fullmatch(path)] == []


def test_the_definitions_are_the_same_in_the_partition_aws(
    before: dict[str, Resource], after: dict[str, Resource]
) -> None:
    changed = [
        name
        for name, resource in before.items()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
        and substituted(resource["Properties"]["DefinitionString"])
        != substituted(after[name]["Properties"]["DefinitionString"])
    ]
    assert changed == []


def substituted(text: Any) -> Any:
    """A definition as it is in the partition "aws"."""
    if isinstance(text, dict):
        text = text["Fn::Sub"].replace("${AWS::Partition}", "aws").replace("${!", "${")
    return json.loads(text)


def indexes(resource: Resource) -> set[str]:
    """The names of the indexes of a table."""
    return {index["IndexName"] for index in resource["Properties"].get("GlobalSecondaryIndexes", [])}


def refuse_index_changes(before: Resource, after: Resource) -> None:
    """Fail when an update would create or delete more than one index of a table.

    DynamoDB takes one at a time ("UpdateTable", Amazon DynamoDB API Reference), so the update would be rolled back.
    """
    changed = indexes(before) ^ indexes(after)
    assert len(changed) <= 1, f"one release changes the indexes {', '.join(sorted(changed))}: make a release of each"


def test_no_release_changes_two_indexes(before: dict[str, Resource], after: dict[str, Resource]) -> None:
    refuse_index_changes(before["Table"], after["Table"])


def test_a_release_that_adds_two_indexes_is_refused(after: dict[str, Resource]) -> None:
    table = after["Table"]
    one, two = ([{"IndexName": name} for name in names] for names in (("gsi5",), ("gsi5", "gsi6")))
    kept = table["Properties"]["GlobalSecondaryIndexes"]
    refuse_index_changes(table, {"Properties": {"GlobalSecondaryIndexes": kept + one}})
    with pytest.raises(AssertionError, match="changes the indexes gsi5, gsi6"):
        refuse_index_changes(table, {"Properties": {"GlobalSecondaryIndexes": kept + two}})


def ordered(resource: Resource) -> Resource:
    """A resource whose list of dependencies is in order, for it is a set."""
    return {key: sorted(value) if key == "DependsOn" else value for key, value in resource.items()}
