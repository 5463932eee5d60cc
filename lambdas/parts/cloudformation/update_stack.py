"""Updating a CloudFormation stack by a change set: make it, look at it, execute it, wait.

It takes no stages: there is one stack, and CloudFormation itself takes its resources through theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, Skipped, part
from lambdas.engine.selection import parse_ids
from lambdas.parts.cloudformation._changes import ResourceChange, changes_in, pages_of
from lambdas.parts.cloudformation._permissions import PASS_ROLE, STACKS, TEMPLATES
from lambdas.parts.cloudformation._stacks import (
    Stack,
    describe,
    first_failure,
    is_absent,
    read_on,
    record,
    request_token,
)
from lambdas.parts.cloudformation.create_stack import parameter_list, template_body, template_location

_SHOWN = 100
_NAMED = 5
"""Changes that a summary or an error names."""

_UNSEEN = 120
"""Seconds within which a stack may still be described as it was before its update."""

_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
"""How CloudFormation says why it has made no change set. AWS CloudFormation User Guide, "Troubleshooting"."""

_FAILED = {
    "UPDATE_FAILED": "what was updated before stays: look at it, then update or roll back the stack",
    "UPDATE_ROLLBACK_COMPLETE": "the stack was rolled back to what it was",
    "UPDATE_ROLLBACK_FAILED": "the rollback failed too: continue it in CloudFormation (ContinueUpdateRollback)",
}
"""Stack statuses in which an update ends, other than well."""


@dataclass
class UpdateStackResult(Result):
    """Result of cloudformation.update_stack.

    changed: the name of the stack, when it was updated.
    skipped: the stack is as the template and the parameters say already.
    stack_id: ARN of the stack, or "" when there is none.
    status: its status, "UPDATE_COMPLETE" when all went well.
    outputs: its outputs by key.
    change_set: name of the change set.
    changes: the first 100 changes to resources.
    failed_resource: type, logical id and reason of the resource that failed first, or "".
    """

    stack_id: str = ""
    status: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    change_set: str = ""
    changes: list[ResourceChange] = field(default_factory=list)
    failed_resource: str = ""


@part(
    allow=(
        Allow(
            (
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteChangeSet",
                "cloudformation:DescribeChangeSet",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStacks",
                "cloudformation:ExecuteChangeSet",
            ),
            STACKS,
        ),
        Allow(("cloudformation:GetTemplateSummary",)),
        Allow(("s3:GetObject",), TEMPLATES, {"StringEquals": {"aws:ResourceAccount": "${AWS::AccountId}"}}),
        PASS_ROLE,
    ),
    cost="CloudFormation charges nothing for resources of AWS's own types; the resources of the stack cost what they "
    "cost, those it replaces and their replacements side by side for a while.",
    hints={
        "ReplacementRefused": "Look at what would be replaced; when that may be, give allow_replacement=True.",
        "DeletionRefused": "Look at what would be deleted; when that may be, give allow_deletion=True.",
    },
    timeout="2h",
    interval=15,
)
def update_stack(
    call: Call,
    *,
    stack_name: str,
    template: str | None = None,
    template_url: str | None = None,
    parameters: dict[str, str] | None = None,
    capabilities: str | list[str] | None = None,
    cloudformation_role_arn: str | None = None,
    allow_replacement: bool = False,
    allow_deletion: bool = False,
    **common: Unpack[Common],
) -> UpdateStackResult | Pending:
    """Update a CloudFormation stack by a change set, and wait until all of its resources are updated.

    The change set is made first, that of nested stacks with it, and tells what becomes of each resource. One that
    replaces or deletes resources is not executed but an error that names them, unless that is allowed. When there is
    nothing to change, the stack is skipped. When the update fails, the error names the resource that failed first, in
    a nested stack too; it is reported when CloudFormation has finished rolling back.

    Parameters that are not given keep their values, and the stack keeps its tags. A stack that something else is
    changing is awaited.

    With `dry_run` a change set is made, looked at and deleted: it is the only way to ask CloudFormation what an update
    would do, and changes no resource. `nightshift plan` shows its changes.

    This part may update stacks, but none of the resources in them: CloudFormation uses the role the stack was made
    with, unless `cloudformation_role_arn` gives another.

    Parameters:
    stack_name: name or ARN of the stack.
    template: name of a template file in flow_defs/templates, at most 51,200 bytes.
    template_url: a template in S3, in a bucket of this account; its name ends with .json, .yaml, .yml or .template.
        "s3://bucket/key" for a bucket of the region the stack is in, an https URL for any other. Without a template
        the stack keeps the one it has.
    parameters: values by parameter, as text; a list is written "a,b".
    capabilities: "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND", or a list of those.
    cloudformation_role_arn: role CloudFormation updates the resources with; its name has to start with "nightshift-".
    allow_replacement: also execute a change set that replaces resources, or may do so.
    allow_deletion: also execute one that deletes resources; those that their DeletionPolicy keeps do not count.

    Result: UpdateStackResult.

    Errors:
    PartFailed: there is no such stack, the change set would replace or delete resources and may not, a resource could
        not be updated, or CloudFormation refused the template or its parameters.
    PartTimeout: the stack was not updated when `timeout` ended; CloudFormation goes on.
    AccessDenied: the role may not update stacks.
    InvalidParameter: both template and template_url are given, or there is no such file.

    Source: "Update CloudFormation stacks using change sets" (AWS CloudFormation User Guide); "CreateChangeSet",
    "ExecuteChangeSet" (AWS CloudFormation API Reference).

    Example:
        from lambdas.parts import cloudformation
        from nightshift import flow


        @flow(timeout="3h")
        def workers(count: str = "4"):
            \"\"\"Change how many workers the stack has, and nothing else of it.\"\"\"
            return cloudformation.update_stack(stack_name="workers", parameters={"Count": count}).changes
    """
    if template and template_url:
        raise InvalidParameter("give template (a file in flow_defs/templates) or template_url (in S3), not both")
    source: dict[str, Any] = {}
    if template:
        source["TemplateBody"] = template_body(template)
    elif template_url:
        where = call.client("cloudformation").meta
        source["TemplateURL"] = template_location(template_url, where.region_name, where.partition)
    more: dict[str, Any] = {}
    if capabilities:
        more["Capabilities"] = parse_ids(capabilities)
    if cloudformation_role_arn:
        more["RoleARN"] = cloudformation_role_arn
    allowed = _Allowed(replacement=allow_replacement, deletion=allow_deletion)
    return Update(call, stack_name, source, parameters or {}, more, allowed).run()


@dataclass(frozen=True)
class _Allowed:
    """What a change set may do to resources."""

    replacement: bool
    deletion: bool

    def refused(self, changes: list[ResourceChange]) -> tuple[str, str] | None:
        """Error code and message for what may not be done."""
        replaced = [change for change in changes if change.replaces]
        if replaced and not self.replacement:
            return "ReplacementRefused", f"it would replace resources, or may: {_listed(replaced)}"
        deleted = [change for change in changes if change.deletes]
        if deleted and not self.deletion:
            return "DeletionRefused", f"it would delete resources: {_listed(deleted)}"
        return None


class Update:
    """One call of cloudformation.update_stack.

    Its change set has a name of its own, by which a repeated request is known. In the state are `stack_id` and
    `stack_name`, and `executed`, when the execution was asked for.

    source: where the template is, as CreateChangeSet takes it; empty for that of the stack.
    """

    def __init__(
        self,
        call: Call,
        name: str,
        source: dict[str, Any],
        parameters: dict[str, Any],
        more: dict[str, Any],
        allowed: _Allowed,
    ) -> None:
        self.call = call
        self.client = call.client("cloudformation")
        self.name = name
        self.source = source
        self.parameters = parameters
        self.more = more
        self.allowed = allowed
        self.change_set = request_token(call.run, "update")

    def run(self) -> UpdateStackResult | Pending:
        """One invocation."""
        read_on(self.call, "update")
        if "stack_id" not in self.call.state:
            return self._begin()
        try:
            pages = pages_of(self.client, **self._which())
        except Exception as error:
            if aws_errors.code(error) not in ("ChangeSetNotFound", "ChangeSetNotFoundException"):
                raise
            # Not shown yet; or deleted by an invocation that died before it could say so. Asking again shows which.
            return self._poll() if "executed" in self.call.state else self._begin()
        return self._go_on(pages)

    def _begin(self) -> UpdateStackResult | Pending:
        stack = describe(self.call, self.name)
        if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
            text = f"there is no stack '{self.name}'; create it with cloudformation.create_stack"
            return self._result(None, failure=Failure(self.name, "StackNotFound", text))
        status = stack["StackStatus"]
        if status.endswith("_IN_PROGRESS"):
            return self._pending(f"what else is changing it ({status}) to end")
        try:
            self._create(stack)
        except Exception as error:
            code = aws_errors.code(error)
            # An invocation that died, or whose answer was lost, has made it: the name is this call's own.
            if code != "AlreadyExistsException":
                return self._refused(error, stack)
        self.call.state.update(stack_id=stack["StackId"], stack_name=stack["StackName"])
        return self._pending("its change set", wait=5)

    def _create(self, stack: Stack) -> None:
        had = {p["ParameterKey"] for p in stack.get("Parameters", [])}
        if self.source:
            declared = self.client.get_template_summary(**self.source).get("Parameters", [])
            had &= {p["ParameterKey"] for p in declared}
        kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(had - set(self.parameters))]
        self.client.create_change_set(
            StackName=stack["StackName"],
            ChangeSetName=self.change_set,
            ChangeSetType="UPDATE",
            IncludeNestedStacks=True,
            Parameters=[*parameter_list(self.parameters), *kept],
            **(self.source or {"UsePreviousTemplate": True}),
            **self.more,
        )

    def _refused(self, error: Exception, stack: Stack) -> UpdateStackResult:
        """CloudFormation refused a request. Raises what may pass, and what no failure of the stack is."""
        code = aws_errors.code(error)
        if not code or aws_errors.is_temporary(error) or aws_errors.is_denied(error) or is_absent(error):
            raise error
        return self._not_updated(stack or None, code, aws_errors.message(error))

    def _go_on(self, pages: list[dict[str, Any]]) -> UpdateStackResult | Pending:
        """From the change set as it is."""
        status, execution = pages[0]["Status"], pages[0].get("ExecutionStatus", "")
        if status == "FAILED":
            return self._not_made(pages[0].get("StatusReason", "CloudFormation gives no reason"))
        changes = list(changes_in(self.client, pages)) if status == "CREATE_COMPLETE" else []
        if execution == "AVAILABLE":
            return self._decide(changes)
        if execution == "OBSOLETE":
            text = f"'{self.name}' was updated by something else meanwhile, so that its change set is out of date"
            return self._result(None, changes, failure=Failure(self.name, "ChangeSetObsolete", f"{text}; start anew"))
        if execution in ("EXECUTE_COMPLETE", "EXECUTE_FAILED"):
            return self._poll(changes)
        begun = execution == "EXECUTE_IN_PROGRESS"
        return self._pending("its resources" if begun else f"its change set ({status})")

    def _not_made(self, reason: str) -> UpdateStackResult:
        self._delete()
        return self._not_updated(self._stack(), "ChangeSetFailed", reason)

    def _not_updated(self, stack: Stack | None, code: str, reason: str) -> UpdateStackResult:
        if any(text in reason for text in _NO_CHANGES):
            return self._result(stack, skipped="nothing to change")
        return self._result(stack, failure=Failure(self.name, code, reason))

    def _decide(self, changes: list[ResourceChange]) -> UpdateStackResult | Pending:
        refused = self.allowed.refused(changes)
        if refused or self.call.dry_run:
            self._delete()
            code, message = refused or ("", "")
            failure = Failure(self.name, code, f"'{self.name}' is not updated: {message}") if refused else None
            return self._result(self._stack(), changes, failure=failure)
        token = request_token(self.call.run, "update")
        try:
            self.client.execute_change_set(**self._which(), ClientRequestToken=token)
        except Exception as error:
            # An invocation that died has executed it.
            if aws_errors.code(error) not in ("InvalidChangeSetStatus", "InvalidChangeSetStatusException"):
                return self._refused(error, self._stack() or {})
        self.call.state["executed"] = self.call.now()
        return self._pending(f"{len(changes)} of its resources")

    def _which(self) -> dict[str, str]:
        return {"StackName": self.call.state["stack_name"], "ChangeSetName": self.change_set}

    def _delete(self) -> None:
        self.client.delete_change_set(**self._which())

    def _stack(self) -> Stack | None:
        return describe(self.call, self.call.state.get("stack_id", self.name))

    def _poll(self, changes: list[ResourceChange] | None = None) -> UpdateStackResult | Pending:
        """At the stack, when its change set was executed."""
        stack = self._stack()
        early = self.call.now() - self.call.state.setdefault("executed", self.call.now()) < _UNSEEN
        if stack is None:
            # One whose change set is there is not gone.
            if changes is not None:
                return self._pending("not described now")
            return self._result(None, failure=Failure(self.name, "StackNotFound", f"'{self.name}' has vanished"))
        status = stack["StackStatus"]
        if status.endswith("_IN_PROGRESS") or (early and not status.startswith("UPDATE_")):
            return self._pending(f"its resources ({status})")
        if status not in _FAILED:
            return self._result(stack, changes)
        kinds = ("UPDATE_FAILED", "CREATE_FAILED", "DELETE_FAILED")
        token = request_token(self.call.run, "update")
        resource = first_failure(self.call, stack["StackId"], *kinds, token=token)
        said = str(resource or stack.get("StackStatusReason", "CloudFormation gives no reason"))
        failure = Failure(self.name, "UPDATE_FAILED", f"{said.rstrip('.')}. {status}: {_FAILED[status]}")
        return self._result(stack, changes, failure=failure, resource=str(resource or ""))

    def _pending(self, awaited: str, wait: int | None = None) -> Pending:
        message = f"stack {self.name} to be updated: {awaited}"
        return Pending(self.call.state, message, wait=wait, give_up=self._give_up)

    def _give_up(self) -> UpdateStackResult:
        stack = self._stack()
        status = stack["StackStatus"] if stack else "not there"
        text = f"'{self.name}' was {status} at the end; what CloudFormation has begun goes on"
        return self._result(stack, failure=Failure(self.name, "Timeout", text))

    def _result(
        self,
        stack: Stack | None,
        changes: list[ResourceChange] | None = None,
        *,
        failure: Failure | None = None,
        skipped: str = "",
        resource: str = "",
    ) -> UpdateStackResult:
        made = changes or []
        result = UpdateStackResult(matched=[self.name], change_set=self.change_set, failed_resource=resource)
        result.changes = made[:_SHOWN]
        if failure:
            result.failed = [failure]
            result.summary = f"stack {self.name} not updated: {failure.error}"
        elif skipped:
            result.skipped = [Skipped(self.name, skipped)]
            result.summary = f"stack {self.name} is up to date"
        else:
            result.changed = [self.name]
            done = "would update stack {}" if self.call.dry_run else "stack {} updated"
            result.summary = done.format(self.name) + (f": {_listed(made)}" if made else "")
        if stack:
            seen = record(stack)
            result.stack_id, result.status, result.outputs = seen.stack_id, seen.status, seen.outputs
            result.responses = {"DescribeStacksResponse": {"Stacks": [stack]}}
        return result


def _listed(changes: list[ResourceChange]) -> str:
    more = f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
    return "; ".join(str(change) for change in changes[:_NAMED]) + more
