"""Parts for CloudFormation stacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, Skipped, part
from lambdas.engine.selection import parse_ids, select, tag_map
from lambdas.parts.cloudformation._stacks import StackRecord, all_stacks, describe, record
from lambdas.parts.cloudformation.create_stack import (
    CreateStackResult,
    Creation,
    parameter_list,
    template_body,
    template_location,
)
from lambdas.parts.cloudformation.delete_stack import DeleteStackResult, Deletion

STACKS = ("arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}:stack/*/*",)
TEMPLATES = tuple(f"arn:${{AWS::Partition}}:s3:::*/*.{suffix}" for suffix in ("json", "template", "yaml", "yml"))
PASS_ROLE = Allow(
    ("iam:PassRole",),
    ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nightshift-*",),
    {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
)
_SHOWN = 100


@dataclass
class DescribeStacksResult(Result):
    """Result of cloudformation.describe_stacks.

    matched: names of the stacks found.
    stacks: the first 100 of them.
    """

    stacks: list[StackRecord] = field(default_factory=list)


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
    timeout="2h",
    interval=15,
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
        an empty stack, "DELETE" deletes that too, "DO_NOTHING" leaves all for a look.

    Result: CreateStackResult.

    Errors:
    PartFailed: a resource could not be created, a stack of that name exists already, or CloudFormation refused the
        template or its parameters.
    PartTimeout: the stack was not finished when `timeout` ended; CloudFormation goes on.
    AccessDenied: the role may not create stacks.
    InvalidParameter: not exactly one of template and template_url is given, or there is no such file.
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


@part(
    allow=(
        Allow(
            ("cloudformation:DeleteStack", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"),
            STACKS,
        ),
        PASS_ROLE,
    ),
    timeout="2h",
    interval=15,
)
def delete_stack(
    call: Call,
    *,
    stack_name: str,
    cloudformation_role_arn: str | None = None,
    **common: Unpack[Common],
) -> DeleteStackResult | Pending:
    """Delete a CloudFormation stack and its resources, and wait until it is gone.

    CloudFormation deletes with the role the stack was created with, unless another one is given. Resources whose
    DeletionPolicy is Retain stay, without a stack.
    (AWS CloudFormation User Guide, "Delete a stack from the CloudFormation console".)

    Parameters:
    stack_name: name or ARN of the stack. One that does not exist is skipped, with a warning.
    cloudformation_role_arn: role CloudFormation deletes the resources with; its name has to start with "nightshift-".

    Result: DeleteStackResult.

    Errors:
    PartFailed: a resource could not be deleted (the first one is named, with its reason), the stack has termination
        protection, or another stack uses its exports.
    PartTimeout: the stack was not deleted when `timeout` ended; CloudFormation goes on.
    NoMatch: there is no such stack, and `require_match` is set.
    AccessDenied: the role may not delete stacks.
    """
    return Deletion(call, stack_name, cloudformation_role_arn).run()


@part(allow=(Allow(("cloudformation:DescribeStacks",)),), waits=False)
def describe_stacks(
    call: Call,
    *,
    stack_name: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    **common: Unpack[Common],
) -> DescribeStacksResult:
    """Read the status, parameters and outputs of stacks.

    Parameters:
    stack_name: names or ARNs, as a list or as "network;web". A deleted stack is found by its ARN, for 90 days.
    tag: "Env=prod-*", or a list of which all must match; `*` and `?` are wildcards. With stack_name: of those, the
        ones with the tag.
    exclude_tag: stacks with one of these tags are left out.

    Result: DescribeStacksResult.

    Errors:
    PartFailed: there is no stack of a name that was given.
    """
    selection = select(stack_name, tag, exclude_tag, id_name="stack_name", tag_name="tag")
    result = DescribeStacksResult()
    stacks = []
    if selection.ids is None:
        stacks = all_stacks(call)
    for name in selection.ids or []:
        found = describe(call, name)
        if found:
            stacks.append(found)
        else:
            result.failed.append(Failure(name, "StackNotFound", f"the stack '{name}' does not exist"))
    chosen = []
    for stack in stacks:
        reason = selection.why_not(tag_map(stack.get("Tags")))
        if not reason:
            chosen.append(stack)
        elif selection.ids is not None or not reason.startswith("does not"):
            result.skipped.append(Skipped(stack["StackName"], reason))
    chosen.sort(key=lambda stack: str(stack["StackName"]))
    result.matched = [stack["StackName"] for stack in chosen]
    result.matched += [failure.id for failure in result.failed]
    result.stacks = [record(stack) for stack in chosen[:_SHOWN]]
    result.responses = {"DescribeStacksResponse": {"Stacks": chosen[:_SHOWN]}}
    result.summary = f"{len(chosen)} stack{'' if len(chosen) == 1 else 's'} found"
    return result
