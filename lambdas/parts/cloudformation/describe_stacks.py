"""Reading stacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract.part import Allow, Call, Common, Failure, Result, Skipped, part
from lambdas.engine.selection import select, tag_map
from lambdas.parts.cloudformation._stacks import StackRecord, all_stacks, describe, record

_SHOWN = 100


@dataclass
class DescribeStacksResult(Result):
    """Result of cloudformation.describe_stacks.

    matched: names of the stacks found.
    stacks: the first 100 of them.
    """

    stacks: list[StackRecord] = field(default_factory=list)


@part(
    allow=(Allow(("cloudformation:DescribeStacks",)),),
    cost="Nothing besides.",
    waits=False,
    one_of=(("stack_name", "tag"),),
)
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

    Example:
        from lambdas.parts import cloudformation, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 6 * * ? *", timezone="Europe/Berlin"), timeout="30m")
        def stacks_in_trouble():
            \"\"\"Tell the team which stacks of production are in a state they cannot stay in.\"\"\"
            stacks = cloudformation.describe_stacks(tag="Env=prod").stacks
            broken = [f"{s.stack_name}: {s.status} {s.status_reason}" for s in stacks if s.status.endswith("_FAILED")]
            if broken:
                notify.email(to="ops@example.com", subject=f"{len(broken)} stacks are broken", body="\\n".join(broken))
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
        unselected = selection.why_not(tag_map(stack.get("Tags")))
        if not unselected:
            chosen.append(stack)
        elif selection.tells(unselected):
            result.skipped.append(Skipped(stack["StackName"], str(unselected)))
    chosen.sort(key=lambda stack: str(stack["StackName"]))
    result.matched = [stack["StackName"] for stack in chosen]
    result.matched += [failure.id for failure in result.failed]
    result.stacks = [record(stack) for stack in chosen[:_SHOWN]]
    result.responses = {"DescribeStacksResponse": {"Stacks": chosen[:_SHOWN]}}
    result.summary = f"{len(chosen)} stack{'' if len(chosen) == 1 else 's'} found"
    return result
