"""ssm.get_parameter: a value of Parameter Store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract import aws_errors
from lambdas.contract.part import Allow, Call, Common, Failure, Result, part

_ABSENT = ("ParameterNotFound", "ParameterVersionNotFound")


@dataclass
class GetParameterResult(Result):
    """Result of ssm.get_parameter.

    value: its text; of a StringList with commas.
    values: the items of a StringList, or the one value.
    type: String or StringList.
    version: its version.
    """

    value: str = ""
    values: list[str] = field(default_factory=list)
    type: str = ""
    version: int = 0


@part(
    allow=(
        Allow(
            ("ssm:GetParameter",),
            ("arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:parameter/*", "arn:${AWS::Partition}:ssm:*::parameter/*"),
            named_by="name",
        ),
    ),
    cost="Standard parameters cost nothing.",
    hints={
        "ParameterNotFound": "Look for the name in Parameter Store of this Region and account; a path begins with /.",
        "SecureString": "Let what needs the secret read it itself: give it the name of the parameter.",
    },
    waits=False,
)
def get_parameter(call: Call, *, name: str, **common: Unpack[Common]) -> GetParameterResult:
    """Read a parameter of Parameter Store.

    A SecureString is refused: states and histories are no place for a secret.

    Parameters:
    name: its name, such as /orders/size, with a version or a label (/orders/size:3), or the ARN of a shared one; also a
        public parameter of AWS (/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64).

    Result: GetParameterResult.

    Errors:
    PartFailed: there is no such parameter, or it is a SecureString.
    AccessDenied: the role may not read it.

    Source: "GetParameter" (AWS Systems Manager API Reference).

    Example:
        from lambdas.parts import ec2, ssm
        from nightshift import cron, flow


        @flow(schedule=cron("0 20 * * ? *", timezone="Asia/Tokyo"), timeout="1h")
        def stop_what_is_listed():
            \"\"\"Stop the instances that operators list in a parameter.\"\"\"
            listed = ssm.get_parameter(name="/nightshift/stop-tonight")
            ec2.stop_instances(instance_id=listed.values)
    """
    outcome = GetParameterResult(matched=[name])
    try:
        # Without decryption a secret comes encrypted, and nothing of it goes on.
        found = call.client("ssm").get_parameter(Name=name)["Parameter"]
    except Exception as error:
        if aws_errors.code(error) not in _ABSENT:
            raise
        outcome.failed = [Failure(name, aws_errors.code(error), aws_errors.message(error) or "it does not exist")]
        outcome.summary = f"no parameter {name}"
        return outcome
    if found["Type"] == "SecureString":
        outcome.failed = [Failure(name, "SecureString", "it is a secret, which no state may hold")]
        outcome.summary = f"{name} is a secret"
        return outcome
    outcome.value, outcome.type, outcome.version = found["Value"], found["Type"], found["Version"]
    listed = found["Type"] == "StringList"
    outcome.values = [item.strip() for item in found["Value"].split(",")] if listed else [found["Value"]]
    outcome.summary = f"{name}: version {found['Version']}"
    return outcome
