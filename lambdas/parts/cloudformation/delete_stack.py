"""Deleting a CloudFormation stack: note which one, request it, wait until it is gone.

It takes no stages: there is one stack, and CloudFormation itself takes its resources through theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, Skipped, part
from lambdas.parts.cloudformation._permissions import PASS_ROLE, STACKS
from lambdas.parts.cloudformation._stacks import Stack, describe, first_failure, read_on, request_token

_UNSEEN = 120
"""Seconds after which a stack that is not described any more is gone, not merely not shown."""


@dataclass
class DeleteStackResult(Result):
    """Result of cloudformation.delete_stack.

    changed: the name of the stack, when this call deleted it.
    skipped: the stack was not there, or something else was deleting it already.
    stack_id: ARN of the stack, or "" when there was none.
    failed_resource: type, logical id and reason of the resource that could not be deleted first, or "".
    """

    stack_id: str = ""
    failed_resource: str = ""


@part(
    allow=(
        Allow(
            ("cloudformation:DeleteStack", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"),
            STACKS,
        ),
        PASS_ROLE,
    ),
    cost="Nothing besides; resources that are retained go on costing.",
    timeout="2h",
    interval=15,
)
def delete_stack(
    call: Call,
    *,
    stack_name: str,
    cloudformation_role_arn: str | None = None,
    retain_resources: list[str] | None = None,
    force: bool = False,
    **common: Unpack[Common],
) -> DeleteStackResult | Pending:
    """Delete a CloudFormation stack and its resources, and wait until it is gone.

    CloudFormation deletes with the role the stack was created with, unless another one is given. Resources whose
    DeletionPolicy is Retain stay, without a stack.
    (AWS CloudFormation User Guide, "Delete a stack from the CloudFormation console".)

    Parameters:
    stack_name: name or ARN of the stack. One that does not exist is skipped, with a warning.
    cloudformation_role_arn: role CloudFormation deletes the resources with; its name has to start with "nightshift-".
    retain_resources: logical ids of resources to keep, without a stack, when the deletion fails. AWS takes them only
        then: the stack is deleted without them first, and once more with them.
    force: when the deletion fails, delete the stack all the same and leave behind what could not be deleted; a warning
        names the first of that.

    Result: DeleteStackResult.

    Errors:
    PartFailed: a resource could not be deleted (the first one is named, with its reason), the stack has termination
        protection, or another stack uses its exports.
    PartTimeout: the stack was not deleted when `timeout` ended; CloudFormation goes on.
    NoMatch: there is no such stack, and `require_match` is set.
    AccessDenied: the role may not delete stacks.
    InvalidParameter: both retain_resources and force are given.

    Example:
        from lambdas.parts import cloudformation
        from nightshift import cron, flow


        @flow(schedule=cron("0 21 ? * FRI *", timezone="Europe/Berlin"), timeout="3h")
        def staging_down(stage: str = "staging"):
            \"\"\"Delete the test environment for the weekend; that it is gone already is no failure.\"\"\"
            gone = cloudformation.delete_stack(stack_name=f"shop-{stage}")
            return gone.summary

    Source: AWS CloudFormation API Reference, "DeleteStack".
    """
    if retain_resources and force:
        raise InvalidParameter("retain_resources and force exclude each other: force keeps what cannot be deleted")
    more: dict[str, Any] = {"RetainResources": retain_resources} if retain_resources else {}
    if force:
        more = {"DeletionMode": "FORCE_DELETE_STACK"}
    return Deletion(call, stack_name, cloudformation_role_arn, more).run()


class Deletion:
    """One call of cloudformation.delete_stack; `stack_id` in the state is the stack it deletes.

    The id is noted before the request, so that a stack of the same name that is created later is never touched.

    role: the role CloudFormation deletes with, or None for the one the stack has.
    second: what a second request says, once the deletion has failed; nothing if that is the end. `left` in the state
        is the resource at which it failed.
    """

    def __init__(self, call: Call, name: str, role: str | None, second: dict[str, Any]) -> None:
        self.call = call
        self.client = call.client("cloudformation")
        self.name = name
        self.role = role
        self.second = second
        self.token, self.second_token = request_token(call.run, "delete"), request_token(call.run, "delete-failed")

    def run(self) -> DeleteStackResult | Pending:
        """One invocation."""
        read_on(self.call, "delete")
        if "stack_id" not in self.call.state:
            return self._plan()
        stack = describe(self.call, self.call.state["stack_id"])
        if stack is None:
            if self.call.now() - self.call.state["at"] > _UNSEEN:
                return self._gone()
            return self._pending("not described now")
        status = stack["StackStatus"]
        if status == "DELETE_COMPLETE":
            return self._gone()
        if status == "DELETE_IN_PROGRESS":
            return self._pending(status)
        if status == "DELETE_FAILED" and self.second:
            return self._failed(stack, self.second_token) or self._request_again(stack)
        if status == "DELETE_FAILED" and (failed := self._failed(stack, self.token)):
            return failed
        return self._request(status, self.token)

    def _plan(self) -> DeleteStackResult | Pending:
        stack = describe(self.call, self.name)
        if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
            summary = f"stack {self.name} does not exist"
            return DeleteStackResult(skipped=[Skipped(self.name, "does not exist")], summary=summary)
        if stack.get("EnableTerminationProtection"):
            text = f"'{self.name}' has termination protection; switch it off to delete it"
            return self._result(stack["StackId"], failure=Failure(self.name, "TerminationProtection", text))
        already = stack["StackStatus"] == "DELETE_IN_PROGRESS"
        if self.call.dry_run:
            return self._result(stack["StackId"], already=already)
        self.call.state.update(stack_id=stack["StackId"], at=self.call.now(), already=already, stack=stack)
        return Pending(self.call.state, f"stack {self.name} to be deleted", wait=1, give_up=self._give_up)

    def _request_again(self, stack: Stack) -> DeleteStackResult | Pending:
        left = first_failure(self.call, stack["StackId"], "DELETE_FAILED")
        self.call.state["left"] = str(left or "")
        return self._request("DELETE_FAILED", self.second_token, **self.second)

    def _request(self, status: str, token: str, **more: Any) -> DeleteStackResult | Pending:
        if self.role:
            more["RoleARN"] = self.role
        try:
            self.client.delete_stack(StackName=self.call.state["stack_id"], ClientRequestToken=token, **more)
        except Exception as error:
            code = aws_errors.code(error)
            if not code or aws_errors.is_temporary(error) or aws_errors.is_denied(error):
                raise
            failure = Failure(self.name, code, aws_errors.message(error))
            return self._result(self.call.state["stack_id"], failure=failure)
        return self._pending(f"was {status}")

    def _failed(self, stack: Stack, token: str) -> DeleteStackResult | None:
        """The result when it is this request that failed, not an earlier one."""
        resource = first_failure(self.call, stack["StackId"], "DELETE_FAILED", token=token)
        if resource is None:
            return None
        text = f"{str(resource).rstrip('.')}. The other resources may be gone: see to this one, delete the stack again"
        return self._result(stack["StackId"], failure=Failure(self.name, "DELETE_FAILED", text), resource=str(resource))

    def _pending(self, status: str) -> Pending:
        return Pending(self.call.state, f"stack {self.name} to be deleted ({status})", give_up=self._give_up)

    def _give_up(self) -> DeleteStackResult:
        text = f"'{self.name}' was not deleted in time; what CloudFormation has begun goes on"
        return self._result(self.call.state["stack_id"], failure=Failure(self.name, "Timeout", text))

    def _gone(self) -> DeleteStackResult:
        return self._result(self.call.state["stack_id"], already=self.call.state["already"])

    def _result(
        self, stack_id: str, *, already: bool = False, failure: Failure | None = None, resource: str = ""
    ) -> DeleteStackResult:
        result = DeleteStackResult(matched=[self.name], stack_id=stack_id, failed_resource=resource)
        if "stack" in self.call.state:
            result.responses = {"DescribeStacksResponse": {"Stacks": [self.call.state["stack"]]}}
        if failure:
            result.failed = [failure]
            result.summary = f"stack {self.name} not deleted: {failure.error}"
        elif already:
            result.skipped = [Skipped(self.name, "already being deleted")]
            result.summary = f"stack {self.name} was being deleted already"
        else:
            result.changed = [self.name]
            if left := self.call.state.get("left"):
                result.warnings.append(f"stack {self.name} is deleted, but not all of its resources are: {left}")
            result.summary = f"would delete stack {self.name}" if self.call.dry_run else f"stack {self.name} deleted"
        return result
