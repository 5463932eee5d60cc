"""The changes of a change set: what CloudFormation would do to each resource, in nested stacks too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class ResourceChange:
    """What an update does to a resource.

    logical_id: in the template; "Network/Subnet" for one in the nested stack Network.
    physical_id: of the resource as it is, "" for a new one.
    action: "Add", "Modify", "Remove", "Import", or "Dynamic" for one that only the execution decides.
    replacement: "True", "False", "Conditional" when a value decides that only the execution knows, or "".
    deletes: whether the resource itself is deleted; not one that its DeletionPolicy keeps.
    """

    logical_id: str
    physical_id: str
    resource_type: str
    action: str
    replacement: str = ""
    deletes: bool = False

    def __str__(self) -> str:
        how = {"True": ", replaced", "Conditional": ", may be replaced"}.get(self.replacement, "")
        return f"{self.action} {self.resource_type} {self.logical_id}{how}"

    @property
    def replaces(self) -> bool:
        """Whether another resource may take the place of this one."""
        return self.replacement in ("True", "Conditional") or self.action == "Dynamic"


def pages_of(client: Any, **which: str) -> list[dict[str, Any]]:
    """The pages of DescribeChangeSet; each has the status of the change set besides its changes."""
    return list(client.get_paginator("describe_change_set").paginate(**which))


def changes_in(client: Any, pages: list[dict[str, Any]], within: str = "") -> Iterator[ResourceChange]:
    """The changes of a change set, and instead of one to a nested stack those in it.

    within: the nested stack this is, "Network/". Source: "ResourceChange" (AWS CloudFormation API Reference).
    """
    for told in (
        change["ResourceChange"] for page in pages for change in page["Changes"] if "ResourceChange" in change
    ):
        name = f"{within}{told['LogicalResourceId']}"
        inside = told.get("ChangeSetId") if told["ResourceType"] == _NESTED and told["Action"] == "Modify" else None
        if inside:
            yield from changes_in(client, pages_of(client, ChangeSetName=inside), f"{name}/")
            continue
        yield ResourceChange(
            name,
            told.get("PhysicalResourceId", ""),
            told["ResourceType"],
            told["Action"],
            told.get("Replacement", ""),
            told["Action"] == "Remove" and told.get("PolicyAction") != "Retain",
        )
