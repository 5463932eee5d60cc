"""Parts that run commands on instances through Systems Manager."""

from __future__ import annotations

from typing import Literal, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, part, seconds
from lambdas.engine.selection import select
from lambdas.parts.ssm.run_command import Order, RunCommand, RunCommandResult

_TIMEOUT = "1h"
_LONGEST = 172800
"""Seconds Systems Manager lets a command run: 48 hours ("AWS-RunShellScript", parameter executionTimeout)."""


@part(
    allow=(
        # None of the readers, nor CancelCommand, can be restricted to a resource.
        Allow(
            (
                "ec2:DescribeInstances",
                "ssm:CancelCommand",
                "ssm:DescribeInstanceInformation",
                "ssm:ListCommandInvocations",
                "ssm:ListCommands",
            )
        ),
        # Which instances is known only when the flow runs; the documents are AWS's own, which have no account.
        Allow(
            ("ssm:SendCommand",),
            (
                "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
                "arn:${AWS::Partition}:ssm:*::document/AWS-RunPowerShellScript",
                "arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
            ),
        ),
    ),
    timeout=_TIMEOUT,
    interval=10,
)
def run_command(
    call: Call,
    *,
    command: str | list[str],
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    working_directory: str | None = None,
    platform: Literal["Linux", "Windows"] = "Linux",
    success_codes: list[int] | None = None,
    **common: Unpack[Common],
) -> RunCommandResult | Pending:
    """Run a command on instances, wait for its end, and judge it by its exit code.

    It runs as root (Linux) or SYSTEM (Windows), once on each instance whatever is repeated, on all of them at the same
    time. The instances have to be managed by Systems Manager: agent, instance profile and network (AWS Systems Manager
    User Guide, "AWS Systems Manager Run Command"). Their whole output is sent to the results bucket by the instances
    themselves, by a presigned form: they need curl and a way to S3, but no keys and no permissions for it.

    `timeout` holds for everything; the command itself is ended a little earlier (a fifth of the time, at most a
    minute), so that its output can be kept. What has not answered by then is cancelled.

    A dry run finds the instances and whether Systems Manager reaches them; nothing is sent.

    Parameters:
    command: shell script (or one for the interpreter its first line names: "#!/bin/bash"), or PowerShell. A list is
        run line by line as one script; write "set -e" first to end it at the first error.
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Role=batch", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    working_directory: directory to run it in; default: the root directory.
    platform: "Linux" (also macOS) or "Windows".
    success_codes: exit codes that are success; default: 0.

    Result: RunCommandResult.

    Errors:
    PartFailed: the command ended with another exit code, or took too long; an instance does not exist, is not running,
        is not managed by Systems Manager, or its agent does not answer.
    PartTimeout: the command had not ended on an instance when `timeout` ended; it was cancelled there.
    AccessDenied: the role may not send commands.
    InvalidParameter: no selection is given, the command is empty, or timeout is more than 48 hours.
    """
    script = command if isinstance(command, str) else "\n".join(command)
    if not script.strip():
        raise InvalidParameter("command is empty")
    timeout = seconds(common.get("timeout", _TIMEOUT))
    if timeout > _LONGEST:
        raise InvalidParameter(f"timeout={timeout} seconds; a command runs at most {_LONGEST} (48h)")
    success = frozenset([0] if success_codes is None else success_codes)
    order = Order(script, platform, working_directory or "", timeout, success)
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    run = RunCommand(call, order)
    return run.go_on() if run.planned else run.plan(selection)
