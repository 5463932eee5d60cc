"""What the CDK context decides about an app, and the names that follow from it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nightshift import installation
from nightshift.model import CompiledFlow
from nightshift.views.iam import function_name
from stacks.template.cloudformation import arn

if TYPE_CHECKING:
    from constructs import Node

_PREFIX = re.compile(r"[a-z][a-z0-9-]{1,18}[a-z0-9]")
"""The table has the prefix as its name, of 3 characters at least ("CreateTable", Amazon DynamoDB API Reference)."""

_RESERVED = ("aws", "amazon", "cognito")
"""Words the domain of a user pool cannot hold ("Configuring a user pool domain", Amazon Cognito Developer Guide)."""

_LOG_LEVELS = ("ALL", "ERROR", "FATAL", "OFF")
"""Of "LoggingConfiguration", AWS Step Functions API Reference."""


_UP_TO_TWO_YEARS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
_LOG_DAYS = (*_UP_TO_TWO_YEARS, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""Of "PutRetentionPolicy", Amazon CloudWatch Logs API Reference."""


@dataclass(frozen=True)
class Settings:
    """The CDK context of an app.

    prefix: what every name starts with, so that one account can hold several apps.
    flow_defs: folder of the flows and their mail templates.
    mail_from: sender of the mails; SES has to know the address or its domain.
    lambda_environment: environment variables all functions get besides their own.
    dashboard: whether the dashboard is deployed, too. page: the folder of its built page.
    log_level: what the state machines log: ALL, ERROR, FATAL or OFF.
    log_execution_data: whether their logs hold inputs and outputs of steps, as the output of commands.
    log_retention: days that all logs are kept.
    deletion_protection: whether the table and the user pool refuse to be deleted by anybody.
    give_up_redrives: whether this deployment may take away what failed runs need to be redriven.
    """

    prefix: str = "nightshift"
    flow_defs: Path = Path("flow_defs")
    mail_from: str = "nightshift@example.com"
    lambda_environment: dict[str, str] = field(default_factory=dict)
    dashboard: bool = True
    page: Path = field(default_factory=installation.page)
    log_level: str = "ALL"
    log_execution_data: bool = True
    log_retention: int = 90
    deletion_protection: bool = False
    give_up_redrives: bool = False

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"context prefix is {self.prefix!r}; "
                "write 3 to 20 lower-case letters, digits and hyphens, a letter first and no hyphen last"
            )
        reserved = [word for word in _RESERVED if word in self.prefix]
        if self.dashboard and reserved:
            raise ValueError(
                f"context prefix is {self.prefix!r}, and Cognito takes no sign-in address with {reserved[0]!r} in it; "
                "write another prefix, or dashboard=false"
            )
        if self.log_level not in _LOG_LEVELS:
            raise ValueError(f"context log_level is {self.log_level!r}; write {', '.join(_LOG_LEVELS)}")
        if self.log_retention not in _LOG_DAYS:
            days = ", ".join(map(str, _LOG_DAYS))
            raise ValueError(f"context log_retention is {self.log_retention!r}; write one of {days} days")

    @classmethod
    def of(cls, node: Node) -> Settings:
        """The settings in the context of a construct (`cdk deploy -c prefix=ops`)."""
        given = {name: node.try_get_context(name) for name in cls.__dataclass_fields__}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        for folder in ("flow_defs", "page"):
            if folder in chosen:
                chosen[folder] = Path(chosen[folder])
        for name in ("dashboard", "log_execution_data", "deletion_protection", "give_up_redrives"):
            if name in chosen:
                chosen[name] = _truth(name, chosen[name])
        if str(chosen.get("log_retention", "")).isdecimal():
            chosen["log_retention"] = int(chosen["log_retention"])
        environment = chosen.get("lambda_environment")
        if isinstance(environment, str):
            chosen["lambda_environment"] = json.loads(environment)
        return cls(**chosen)

    def state_machine(self, flow: str) -> str:
        """Name of the state machine of a flow."""
        return f"{self.prefix}-{flow}"

    def state_machine_arn(self, flow: str) -> Any:
        """ARN of the state machine of a flow, in whichever stack it is."""
        return arn("states", f"stateMachine:{self.state_machine(flow)}")

    def function(self, part: str) -> str:
        """Name of the Lambda function of a part ("ec2.stop_instances"), or of a function of nightshift's own."""
        return function_name(self.prefix, part)

    def function_arn(self, part: str) -> Any:
        """ARN of the Lambda function of a part."""
        return arn("lambda", f"function:{self.function(part)}")

    def alarm_topic(self, flow: str) -> str:
        """Name of the SNS topic whose alarm messages start a flow."""
        return f"{self.prefix}-alarm-{flow}"

    @property
    def state_machine_log_group(self) -> str:
        """Name of the log group of all state machines.

        The prefix /aws/vendedlogs/ keeps CloudWatch Logs from writing a resource policy per state machine, which
        ends at 5,120 characters ("Logging in Step Functions", Step Functions Developer Guide).
        """
        return f"/aws/vendedlogs/states/{self.prefix}"

    @property
    def dead_letter_queue(self) -> str:
        """Name of the queue of what could not be delivered."""
        return f"{self.prefix}-dead-letters"

    @property
    def table(self) -> str:
        """Name of the DynamoDB table."""
        return self.prefix

    @property
    def key_alias(self) -> str:
        """Alias of the KMS key of the topics."""
        return f"alias/{self.prefix}"


def _truth(name: str, value: object) -> bool:
    """A yes or no of the context; on the command line it is text. Raises ValueError."""
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"context {name} is {value!r}; write true or false")
    return str(value).lower() == "true"


def schedule_names(flow: CompiledFlow) -> list[str]:
    """Names of the schedules of a flow, one for each expression: that of the flow, then numbered."""
    expressions = flow.options.schedule.expressions if flow.options.schedule else ()
    return [flow.name if n == 1 else f"{flow.name}-{n}" for n in range(1, len(expressions) + 1)]


def check_function(settings: Settings, part: str) -> None:
    """Refuse a part whose function AWS would refuse for its name: 64 characters at most (CreateFunction).

    Raises ValueError.
    """
    name = settings.function(part)
    if len(name) > 64:
        raise ValueError(
            f"the function of the part {part} would be {name!r} of {len(name)} characters, Lambda takes 64; "
            "write a shorter prefix, or rename the part"
        )


def check_names(settings: Settings, flow: CompiledFlow) -> None:
    """Refuse a flow whose names AWS would refuse.

    Raises ValueError. The limits: 80 characters for a state machine (CreateStateMachine), 64 for a schedule
    (CreateSchedule).
    """
    longest = 80 - len(settings.prefix) - 1
    if names := schedule_names(flow):
        longest = min(longest, 64 - max(len(name) - len(flow.name) for name in names))
    if len(flow.name) > longest:
        raise ValueError(
            f"{flow.file}:{flow.line}: the name {flow.name!r} has {len(flow.name)} characters, "
            f"at most {longest} fit the names AWS allows; rename the flow"
        )
