"""Change sets as AWS has them, where moto is kinder: their names, their states, and what they do to resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend

from tests.parts.driver import TestAws


class _AlreadyExistsError(ValidationError):
    code = "AlreadyExistsException"


class _NotFoundError(ValidationError):
    code = "ChangeSetNotFound"


class _StatusError(ValidationError):
    code = "InvalidChangeSetStatus"


class ChangeSets:
    """Registers itself with `aws`.

    make, execute: seconds these take. replaces: logical id -> "True" or "Conditional". keeps: logical ids of what stays
    when it is removed. fails: (logical id, type, reason) of the resources that fail, in their order; after: the
    status then. nested: ARN of the change set of a nested stack -> its changes. executions: how many there were.
    """

    def __init__(self, aws: TestAws, patch: Any, *, make: int = 10, execute: int = 60) -> None:
        self.aws = aws
        self.make, self.execute = make, execute
        self.replaces: dict[str, str] = {}
        self.keeps: set[str] = set()
        self.fails: list[tuple[str, str, str]] = []
        self.after = "UPDATE_ROLLBACK_COMPLETE"
        self.nested: dict[str, list[dict[str, Any]]] = {}
        self.executions = 0
        self._made: dict[str, float] = {}
        self._executed: dict[str, tuple[float, str]] = {}
        aws.hooks.append(self.hook)
        self._create = CloudFormationBackend.create_change_set
        self._execute = CloudFormationBackend.execute_change_set
        for name in ("create_change_set", "describe_change_set", "execute_change_set", "delete_change_set"):
            method = getattr(self, name)
            patch.setattr(CloudFormationBackend, name, lambda *given, do=method, **named: do(*given, **named))

    def create_change_set(self, backend: Any, **given: Any) -> tuple[str, str]:
        """Make one; its name is free."""
        if self._find(backend, given["change_set_name"]):
            raise _AlreadyExistsError(given["stack_name"], f"ChangeSet {given['change_set_name']} already exists")
        made: tuple[str, str] = self._create(backend, **given)
        self._made[given["change_set_name"]] = self.aws.now()
        return made

    def describe_change_set(self, backend: Any, change_set_name: str) -> Any:
        """One that is there."""
        if change_set_name in self.nested:
            return next(iter(backend.change_sets.values()))
        found = self._find(backend, change_set_name)
        if found is None:
            raise _NotFoundError(change_set_name, f"ChangeSet [{change_set_name}] does not exist")
        return found

    def execute_change_set(self, backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
        """Execute one once."""
        found = self.describe_change_set(backend, change_set_name)
        if found.execution_status != "AVAILABLE":
            raise _StatusError(change_set_name, f"ChangeSet [{change_set_name}] is {found.execution_status}")
        self.executions += 1
        if self.fails:
            found.execution_status = "EXECUTE_FAILED"
        else:
            self._execute(backend, change_set_name, stack_name)

    def delete_change_set(self, backend: Any, change_set_name: str) -> None:
        """Delete one, or none."""
        if found := self._find(backend, change_set_name):
            del backend.change_sets[found.change_set_id]

    def _find(self, backend: Any, name: str) -> Any:
        return next((s for s in backend.change_sets.values() if name in (s.change_set_name, s.change_set_id)), None)

    def hook(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """What moto has not: times, replacements, failures."""
        if operation == "ExecuteChangeSet":
            self._executed[params["StackName"]] = (self.aws.now(), params["ClientRequestToken"])
        elif operation == "DescribeChangeSet":
            self._describe(params, answer)
        elif operation == "DescribeStacks":
            for stack in answer["Stacks"]:
                self._stack(stack)
        elif operation == "DescribeStackEvents":
            answer["StackEvents"] = list(self._events(params["StackName"]))

    def _describe(self, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if params["ChangeSetName"] in self.nested:
            answer["Changes"] = self.nested[params["ChangeSetName"]]
            return
        if self.aws.now() - self._made[params["ChangeSetName"]] < self.make:
            answer.update(Status="CREATE_IN_PROGRESS", ExecutionStatus="UNAVAILABLE")
        elif self._under_way(params["StackName"]):
            answer["ExecutionStatus"] = "EXECUTE_IN_PROGRESS"
        for change in answer.get("Changes", []):
            told = change["ResourceChange"]
            name = told["LogicalResourceId"]
            if name in self.replaces:
                told["Replacement"] = self.replaces[name]
            if name in self.keeps:
                told["PolicyAction"] = "Retain"

    def _under_way(self, name: str) -> bool:
        return name in self._executed and self.aws.now() - self._executed[name][0] < self.execute

    def _stack(self, stack: dict[str, Any]) -> None:
        if self._under_way(stack["StackName"]):
            stack["StackStatus"] = "UPDATE_IN_PROGRESS"
        elif self.fails and stack["StackName"] in self._executed:
            stack["StackStatus"] = self.after

    def _events(self, stack_id: str) -> Iterator[dict[str, Any]]:
        """The newest first; before them those of an earlier update."""
        token = self._executed[stack_id.split("/")[1]][1]
        told = [("other", ("Earlier", "AWS::SNS::Topic", "it failed last week")), *((token, f) for f in self.fails)]
        for token, (name, kind, reason) in reversed(told):
            yield {
                "StackId": stack_id,
                "LogicalResourceId": name,
                "PhysicalResourceId": "",
                "ResourceType": kind,
                "ResourceStatus": "UPDATE_FAILED",
                "ResourceStatusReason": reason,
                "ClientRequestToken": token,
                "Timestamp": datetime.now(UTC),
            }
