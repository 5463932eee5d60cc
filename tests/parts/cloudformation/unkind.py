"""Makes moto's CloudFormation take its time, and fail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.parts.driver import TestAws


class UnkindCloudFormation:
    """Registers itself with `aws`.

    create, delete: seconds these take. unseen: seconds during which a new stack is not described.
    fails: (logical id, type, reason) of the resources that fail, in their order; after: the status then.
    delete_fails: the same for deletions.
    nested: stack id -> its events.
    """

    def __init__(self, aws: TestAws, *, create: int = 60, delete: int = 40) -> None:
        self.aws = aws
        self.create = create
        self.delete = delete
        self.created: dict[str, float] = {}
        self.deleted: dict[str, tuple[float, str]] = {}
        self.fails: list[tuple[str, str, str]] = []
        self.after = "ROLLBACK_COMPLETE"
        self.delete_fails: list[tuple[str, str, str]] = []
        self.physical: dict[str, str] = {}
        self.nested: dict[str, list[tuple[str, str, str]]] = {}
        aws.hooks.append(self.hook)

    def hook(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "CreateStack":
            self.created[answer["StackId"]] = self.aws.now()
        elif operation == "DeleteStack":
            self.deleted[params["StackName"]] = (self.aws.now(), params["ClientRequestToken"])
        elif operation == "DescribeStacks":
            for stack in answer["Stacks"]:
                self._stack(stack)
        elif operation == "DescribeStackEvents":
            answer["StackEvents"] = self._events(params["StackName"])

    def _stack(self, stack: dict[str, Any]) -> None:
        stack_id = stack["StackId"]
        if stack_id in self.deleted:
            if self.aws.now() - self.deleted[stack_id][0] < self.delete:
                stack["StackStatus"] = "DELETE_IN_PROGRESS"
            elif self.delete_fails:
                stack["StackStatus"] = "DELETE_FAILED"
            return
        age = self.aws.now() - self.created.get(stack_id, 0.0)
        if age < self.create:
            begun = "ROLLBACK_IN_PROGRESS" if self.fails and age > self.create / 2 else "CREATE_IN_PROGRESS"
            stack["StackStatus"] = begun
        elif self.fails:
            stack["StackStatus"] = self.after
            names = ", ".join(name for name, _, _ in self.fails)
            stack["StackStatusReason"] = f"The following resource(s) failed to create: [{names}]."

    def _events(self, stack_id: str) -> list[dict[str, Any]]:
        """The newest first."""
        token = self.deleted.get(stack_id, (0.0, "other"))[1]
        listed = [("CREATE_FAILED", "other", f) for f in self.nested.get(stack_id, self.fails)]
        if stack_id in self.deleted:
            listed += [("DELETE_FAILED", token, f) for f in self.delete_fails]
        return [
            {
                "StackId": stack_id,
                "LogicalResourceId": name,
                "PhysicalResourceId": self.physical.get(name, ""),
                "ResourceType": kind,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "ClientRequestToken": token,
                "Timestamp": datetime.now(UTC),
            }
            for status, token, (name, kind, reason) in reversed(listed)
        ]
