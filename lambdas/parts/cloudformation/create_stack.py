"""Creating a CloudFormation stack: request it once, wait, and say which resource failed.

It takes no stages: there is one stack, and CloudFormation itself takes its resources through theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Unpack
from urllib.parse import quote

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter, ServiceError
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, part
from lambdas.engine.selection import parse_ids, tag_map
from lambdas.engine.tags import CALL, FLOW, RUN, tag_value
from lambdas.engine.templates import templates
from lambdas.parts.cloudformation._permissions import PASS_ROLE, STACKS, TEMPLATES
from lambdas.parts.cloudformation._stacks import Stack, describe, first_failure, read_on, record, request_token

_MOST_BYTES = 51_200
"""Bytes of a template sent with the request. AWS CloudFormation User Guide, "Understand CloudFormation quotas"."""

_UNSEEN = 120
"""Seconds after which a stack that is not described any more has vanished, not merely not been shown yet."""

_FAILED = {
    "CREATE_FAILED": "what was created before stays: look at it, then delete the stack",
    "ROLLBACK_COMPLETE": "it was rolled back and holds nothing; delete the stack before creating it again",
    "ROLLBACK_FAILED": "the rollback failed too, and some resources remain: delete the stack",
    "DELETE_COMPLETE": "the stack was deleted again",
    "DELETE_FAILED": "the stack could not be deleted again, and some resources remain: delete the stack",
}
"""Stack statuses in which a creation ends, other than well."""


@dataclass
class CreateStackResult(Result):
    """Result of cloudformation.create_stack.

    changed: the name of the stack, when it was created.
    stack_id: ARN of the stack, or "" when none was created.
    status: its status, "CREATE_COMPLETE" when all went well.
    outputs: its outputs by key.
    failed_resource: type, logical id and reason of the resource that failed first, or "".
    """

    stack_id: str = ""
    status: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    failed_resource: str = ""


@part(
    allow=(
        Allow(("cloudformation:CreateStack",), STACKS, {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(
            ("cloudformation:TagResource",), STACKS, {"StringEquals": {"cloudformation:CreateAction": "CreateStack"}}
        ),
        Allow(("cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"), STACKS),
        Allow(("cloudformation:ValidateTemplate",)),
        Allow(("s3:GetObject",), TEMPLATES, {"StringEquals": {"aws:ResourceAccount": "${AWS::AccountId}"}}),
        PASS_ROLE,
    ),
    cost="CloudFormation charges nothing for resources of AWS's own types; the resources of "
    "the stack cost what they cost, also those that `DO_NOTHING` leaves.",
    timeout="2h",
    interval=15,
    one_of=(("template", "template_url"),),
)
def create_stack(
    call: Call,
    *,
    stack_name: str,
    template: str | None = None,
    template_url: str | None = None,
    parameters: dict[str, str] | None = None,
    capabilities: str | list[str] | None = None,
    tags: dict[str, str] | None = None,
    cloudformation_role_arn: str | None = None,
    on_stack_failure: Literal["ROLLBACK", "DELETE", "DO_NOTHING"] = "ROLLBACK",
    **common: Unpack[Common],
) -> CreateStackResult | Pending:
    """Create a CloudFormation stack and wait until all of its resources are created.

    When the creation fails, the error names the resource that failed first, in a nested stack too, with the reason its
    service gave; it is reported when CloudFormation has finished rolling back.

    This part may create stacks, but none of the resources in them: give `cloudformation_role_arn`, a role that
    CloudFormation takes on and that may create them. Its name has to start with "nightshift-". Without it
    CloudFormation uses this part's own role, or `role_arn` where that is given.
    (AWS CloudFormation User Guide, "CloudFormation service role".)

    The stack and its resources get the tags nightshift:flow, nightshift:run and nightshift:call. A stack of that name
    that exists already is an error, unless this very call created it; one that is being deleted is awaited.
    With `dry_run` the template, its parameters and capabilities are checked.

    Parameters:
    stack_name: name of the new stack.
    template: name of a template file in flow_defs/templates, at most 51,200 bytes.
    template_url: a template in S3, in a bucket of this account; its name ends with .json, .yaml, .yml or .template.
        "s3://bucket/key" for a bucket of the region the stack is in, an https URL for any other.
    parameters: values by parameter, as text; a list is written "a,b".
    capabilities: "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND", or a list of those.
    tags: tags of the stack, which CloudFormation puts on its resources.
    cloudformation_role_arn: role CloudFormation creates the resources with.
    on_stack_failure: what CloudFormation does when a resource fails: "ROLLBACK" deletes what was created and leaves
        an empty stack, "DELETE" deletes that too, "DO_NOTHING" keeps all that was created.

    Result: CreateStackResult.

    Errors:
    PartFailed: a resource could not be created, a stack of that name exists already, or CloudFormation refused the
        template or its parameters.
    PartTimeout: the stack was not finished when `timeout` ended; CloudFormation goes on.
    AccessDenied: the role may not create stacks.
    InvalidParameter: not exactly one of template and template_url is given, or there is no such file.

    Example:
        from lambdas.parts import cloudformation
        from nightshift import flow


        @flow(timeout="3h")
        def staging_up(stage: str = "staging"):
            \"\"\"Create the test environment, and leave nothing behind when a resource of it cannot be created.\"\"\"
            made = cloudformation.create_stack(
                stack_name=f"shop-{stage}",
                template_url="s3://example-templates/shop.yaml",
                parameters={"Stage": stage, "Size": "small"},
                capabilities="CAPABILITY_IAM",
                cloudformation_role_arn="arn:aws:iam::123456789012:role/nightshift-cloudformation",
                on_stack_failure="DELETE",
            )
            return made.outputs["Url"]
    """
    if bool(template) == bool(template_url):
        raise InvalidParameter("give template (a file in flow_defs/templates) or template_url (in S3), one of them")
    request: dict[str, Any] = {"StackName": stack_name, "OnFailure": on_stack_failure}
    if template:
        request["TemplateBody"] = template_body(template)
    else:
        where = call.client("cloudformation").meta
        request["TemplateURL"] = template_location(str(template_url), where.region_name, where.partition)
    if parameters:
        request["Parameters"] = parameter_list(parameters)
    if capabilities:
        request["Capabilities"] = parse_ids(capabilities)
    if cloudformation_role_arn:
        request["RoleARN"] = cloudformation_role_arn
    return Creation(call, request, tags or {}).run()


class Creation:
    """One call of cloudformation.create_stack; `stack_id` in the state is the stack it created.

    request: parameters of CreateStack but for its tags and token.
    tags: the user's tags.
    """

    def __init__(self, call: Call, request: dict[str, Any], tags: Mapping[str, str]) -> None:
        self.call = call
        self.client = call.client("cloudformation")
        self.name: str = request["StackName"]
        self.request = request
        own = {FLOW: call.run.flow, RUN: call.run.id, CALL: call.run.key}
        self.own = {key: tag_value(value) for key, value in own.items()}
        self.tags = {**tags, **self.own}

    def run(self) -> CreateStackResult | Pending:
        """One invocation."""
        read_on(self.call, "create")
        if "stack_id" in self.call.state:
            return self._poll(describe(self.call, self.call.state["stack_id"]))
        existing = describe(self.call, self.name)
        if existing and self._is_own(existing):
            # An invocation that died, or whose answer was lost, has created it.
            self._note(existing["StackId"])
            return self._poll(existing)
        going = existing is not None and existing["StackStatus"] == "DELETE_IN_PROGRESS"
        if going and not self.call.dry_run:
            return Pending(self.call.state, f"the old stack {self.name} to be deleted", give_up=self._give_up)
        if existing and not going:
            return self._exists(existing)
        return self._validate() if self.call.dry_run else self._create()

    def _is_own(self, stack: Stack) -> bool:
        tags = tag_map(stack.get("Tags"))
        return all(tags.get(key) == self.own[key] for key in (RUN, CALL))

    def _note(self, stack_id: str) -> None:
        self.call.state.update(stack_id=stack_id, at=self.call.now())

    def _exists(self, stack: Stack) -> CreateStackResult:
        maker = tag_map(stack.get("Tags")).get(RUN)
        by = f"by the run {maker}" if maker else "by something else"
        text = f"'{self.name}' exists already ({stack['StackStatus']}), created {by}: delete it or choose another name"
        return self._result(stack, Failure(self.name, "AlreadyExistsException", text))

    def _create(self) -> CreateStackResult | Pending:
        token = request_token(self.call.run, "create")
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        try:
            answer = self.client.create_stack(**self.request, Tags=tags, ClientRequestToken=token)
        except Exception as error:
            return self._refused(error)
        self._note(answer["StackId"])
        return self._pending("CREATE_IN_PROGRESS", "")

    def _refused(self, error: Exception) -> CreateStackResult | Pending:
        code, message = aws_errors.code(error), aws_errors.message(error)
        if code == "AlreadyExistsException":
            # Created since it was looked for, perhaps by this call: its tags will tell.
            return Pending(self.call.state, f"stack {self.name} to be described", give_up=self._give_up)
        if code == "TokenAlreadyExistsException":
            text = f"the stack {self.name} that this call created was deleted since; start a new run to create it again"
            raise ServiceError(f"{text} ({code}: {message})") from error
        if not code or aws_errors.is_temporary(error) or aws_errors.is_denied(error):
            raise error
        return self._result(None, Failure(self.name, code, message))

    def _poll(self, stack: Stack | None) -> CreateStackResult | Pending:
        if stack is None:
            if self.call.now() - self.call.state["at"] > _UNSEEN:
                return self._result(None, Failure(self.name, "StackNotFound", f"'{self.name}' has vanished"))
            return self._pending("not described yet", "")
        status = stack["StackStatus"]
        if status in _FAILED:
            return self._failed(stack)
        if status.endswith("_IN_PROGRESS") and not status.startswith("UPDATE_"):
            return self._pending(status, stack.get("StackStatusReason", ""))
        return self._result(stack)

    def _pending(self, status: str, reason: str) -> Pending:
        said = f"{status}: {reason}" if reason else status
        return Pending(self.call.state, f"stack {self.name} to be created ({said})", give_up=self._give_up)

    def _failed(self, stack: Stack) -> CreateStackResult:
        resource = first_failure(self.call, stack["StackId"], "CREATE_FAILED")
        said = str(resource) if resource else stack.get("StackStatusReason", "CloudFormation gives no reason")
        text = f"{said.rstrip('.')}. {stack['StackStatus']}: {_FAILED[stack['StackStatus']]}"
        if "RoleARN" not in self.request and re.search(r"not authorized|AccessDenied|Unauthorized", said):
            text += ". Give cloudformation_role_arn, a role that may create it"
        return self._result(stack, Failure(self.name, "CREATE_FAILED", text), str(resource or ""))

    def _give_up(self) -> CreateStackResult:
        known = self.call.state.get("stack_id", self.name)
        stack = describe(self.call, known)
        status = stack["StackStatus"] if stack else "not there"
        text = f"'{self.name}' was {status} at the end; what CloudFormation has begun goes on"
        return self._result(stack, Failure(self.name, "Timeout", text))

    def _validate(self) -> CreateStackResult:
        """Ask whether the template could be used; nothing is created."""
        template = {key: self.request[key] for key in ("TemplateBody", "TemplateURL") if key in self.request}
        try:
            answer = self.client.validate_template(**template)
        except Exception as error:
            if aws_errors.code(error) != "ValidationError":
                raise
            return self._result(None, Failure(self.name, "ValidationError", aws_errors.message(error)))
        problem = self._unfit(answer)
        return self._result(None, Failure(self.name, "ValidationError", problem) if problem else None)

    def _unfit(self, answer: Mapping[str, Any]) -> str:
        """Why the parameters and capabilities do not fit the template; "" when they do."""
        given = {p["ParameterKey"] for p in self.request.get("Parameters", [])}
        declared = {p["ParameterKey"]: p.get("DefaultValue") for p in answer.get("Parameters", [])}
        missing = sorted(key for key, default in declared.items() if default is None and key not in given)
        unknown = sorted(given - set(declared))
        lacking = sorted(set(answer.get("Capabilities", [])) - set(self.request.get("Capabilities", [])))
        if lacking == ["CAPABILITY_IAM"] and "CAPABILITY_NAMED_IAM" in self.request.get("Capabilities", []):
            lacking = []
        found = (("needs the parameters", missing), ("has no parameters", unknown), ("needs capabilities", lacking))
        return "; ".join(f"the template {what} {', '.join(names)}" for what, names in found if names)

    def _result(self, stack: Stack | None, failure: Failure | None = None, resource: str = "") -> CreateStackResult:
        result = CreateStackResult(matched=[self.name], failed_resource=resource)
        if failure:
            result.failed = [failure]
            result.summary = f"stack {self.name} not created: {failure.error}"
        else:
            result.changed = [self.name]
            result.summary = f"would create stack {self.name}" if self.call.dry_run else f"stack {self.name} created"
        if stack:
            seen = record(stack)
            result.stack_id, result.status, result.outputs = seen.stack_id, seen.status, seen.outputs
            result.responses = {"DescribeStacksResponse": {"Stacks": [stack]}}
        return result


def template_body(name: str) -> str:
    """The text of a template in flow_defs/templates.

    Raises InvalidParameter when there is none of that name, or it is too large to be sent.
    """
    folder = templates()
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise InvalidParameter(f"there is no template {name!r} in flow_defs/templates; give the name of a file there")
    body = file.read_bytes()
    if len(body) > _MOST_BYTES:
        raise InvalidParameter(
            f"template {name} has {len(body)} bytes, CloudFormation takes {_MOST_BYTES} in a request; "
            "put it into S3 and give template_url"
        )
    return body.decode()


def template_location(url: str, region: str, partition: str) -> str:
    """The URL of a template in S3 as CloudFormation takes it; "s3://bucket/key" is written out.

    region, partition: of the bucket. Its address is that of its region: the one without a region answers neither in
    other partitions nor for regions that are turned on by hand ("Virtual hosting of buckets", Amazon S3 User Guide).
    Raises InvalidParameter for what is no such URL.
    """
    if match := re.fullmatch(r"s3://([^/]+)/(.+)", url):
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        return f"https://{match[1]}.s3.{region}.{suffix}/{quote(match[2])}"
    if not url.startswith("https://"):
        raise InvalidParameter(f"template_url={url!r} is no URL in S3; write s3://bucket/key or https://...")
    return url


def parameter_list(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    """Parameters as CloudFormation takes them: texts, lists joined by commas."""

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ",".join(text(item) for item in value)
        return str(value)

    return [{"ParameterKey": key, "ParameterValue": text(value)} for key, value in parameters.items()]
