"""What parts that run commands on instances may do, and what helps when they do not reach one."""

from __future__ import annotations

from lambdas.contract.part import Allow

READS = ("ssm:CancelCommand", "ssm:DescribeInstanceInformation", "ssm:ListCommandInvocations", "ssm:ListCommands")
"""None of the readers, nor CancelCommand, can be restricted to a resource."""

SEND = Allow(
    ("ssm:SendCommand",),
    (
        "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
        "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:managed-instance/*",
        "arn:${AWS::Partition}:ssm:*::document/AWS-RunPowerShellScript",
        "arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
    ),
)
"""Which instances or hybrid nodes is known only when the flow runs; the documents are AWS's own, of no account."""

RUN_SCRIPTS = (Allow(READS), SEND)
"""For a part that runs scripts of its own on an instance."""

UNREACHABLE = {
    "ConnectionLost": "Look whether the instance is overloaded and its SSM agent runs; a reboot may help.",
    "NotManaged": "The instance needs the SSM agent, an instance profile with AmazonSSMManagedInstanceCore, and a way "
    "to the Systems Manager endpoints; a new or just started instance needs a minute to register.",
}
"""Hints for an instance that Systems Manager does not reach."""
