"""What the CDK context decides about an app, and the names that follow from it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdas.alerts.recipients import told
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.limits import limit
from lambdas.outside.hosts import hosts
from lambdas.runs.app_names import AppNames
from nightshift import installation
from nightshift.model import CompiledFlow
from nightshift.stages import Stage, find_stage
from stacks.company.company import NAMES, OF_THE_DASHBOARD, Company
from stacks.company.given import texts, truth
from stacks.template.cloudformation import arn

if TYPE_CHECKING:
    from constructs import Node

_PREFIX = re.compile(r"[a-z][a-z0-9-]{1,18}[a-z0-9]")
"""The table has the prefix as its name, of 3 characters at least ("CreateTable", Amazon DynamoDB API Reference)."""

_SUFFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LONGEST_APP = 20
"""Characters of prefix and suffix together with the hyphen between them: the names of roles have no room for more."""

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
    suffix: what every name ends with, after a hyphen; "" for nothing.
    flow_defs: folder of the flows and their mail templates.
    mail_from: sender of the mails; SES has to know the address or its domain.
    lambda_environment: environment variables all functions get besides their own.
    dashboard: whether the dashboard is deployed, too. page: the folder of its built page.
    log_level: what the state machines log: ALL, ERROR, FATAL or OFF.
    log_execution_data: whether their logs hold inputs and outputs of steps, as the output of commands.
    log_retention: days that all logs are kept.
    deletion_protection: whether the table and the user pool refuse to be deleted by anybody.
    give_up_redrives: whether this deployment may take away what failed runs need to be redriven.
    stage: the stage of nightshift.toml that is deployed, which goes before the settings above; "" for none.
    runs_here: whether the functions run on this machine, in a local AWS: packages of parts of one's own are for it.
    max_resources: how many resources a part may change in one call unless the call says otherwise: a number, or a
        percent of all of the kind, as "10%"; "" for no limit.
    http_hosts: the hosts beyond AWS that http.request and the webhooks of `notify` may reach.
    notify: who is told of runs that need someone, where the flow names nobody: mail addresses, ARNs of topics, URLs.
    company: what a company decides, all of it optional.
    """

    prefix: str = "nightshift"
    suffix: str = ""
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
    runs_here: bool = False
    max_resources: str = ""
    http_hosts: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    company: Company = field(default_factory=Company)
    stage: str = ""

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"context prefix is {self.prefix!r}; "
                "write 3 to 20 lower-case letters, digits and hyphens, a letter first and no hyphen last"
            )
        if self.suffix and not _SUFFIX.fullmatch(self.suffix):
            raise ValueError(
                f"context suffix is {self.suffix!r}; "
                "write lower-case letters, digits and hyphens, without a hyphen first or last"
            )
        if len(self.app) > _LONGEST_APP:
            raise ValueError(
                f"context prefix and suffix make {self.app!r} of {len(self.app)} characters; "
                f"write shorter ones, at most {_LONGEST_APP} with the hyphen between them"
            )
        for name in ("prefix", "suffix"):
            text = getattr(self, name)
            reserved = [word for word in _RESERVED if word in text]
            if self.dashboard and reserved:
                raise ValueError(
                    f"context {name} is {text!r}, and Cognito takes no sign-in address with {reserved[0]!r} in it; "
                    f"write another {name}, or dashboard=false"
                )
        idle = [name for name in OF_THE_DASHBOARD if getattr(self.company, name)]
        if idle and not self.dashboard:
            raise ValueError(f"context {idle[0]} is about the dashboard, which is left out; leave both out or none")
        if self.log_level not in _LOG_LEVELS:
            raise ValueError(f"context log_level is {self.log_level!r}; write {', '.join(_LOG_LEVELS)}")
        if self.log_retention not in _LOG_DAYS:
            days = ", ".join(map(str, _LOG_DAYS))
            raise ValueError(f"context log_retention is {self.log_retention!r}; write one of {days} days")
        if self.max_resources:
            try:
                limit("context max_resources", self.max_resources)
            except InvalidParameter as error:
                raise ValueError(str(error)) from None

    @classmethod
    def of(cls, node: Node) -> Settings:
        """The settings in the context of a construct (`cdk deploy -c prefix=ops`)."""
        own = {*cls.__dataclass_fields__} - {"company"}
        given = {name: node.try_get_context(name) for name in (*sorted(own), *NAMES)}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if chosen.get("stage"):
            chosen |= _of_stage(find_stage(chosen["stage"]))
        for folder in ("flow_defs", "page"):
            if folder in chosen:
                chosen[folder] = Path(chosen[folder])
        for name in ("dashboard", "log_execution_data", "deletion_protection", "give_up_redrives", "runs_here"):
            if name in chosen:
                chosen[name] = truth(name, chosen[name])
        if str(chosen.get("log_retention", "")).isdecimal():
            chosen["log_retention"] = int(chosen["log_retention"])
        if "notify" in chosen:
            chosen["notify"] = _notified(chosen["notify"])
        if "http_hosts" in chosen:
            chosen["http_hosts"] = _http_hosts(chosen["http_hosts"])
        if "max_resources" in chosen:
            chosen["max_resources"] = str(chosen["max_resources"])
        environment = chosen.get("lambda_environment")
        if isinstance(environment, str):
            chosen["lambda_environment"] = json.loads(environment)
        company = {name: chosen.pop(name) for name in NAMES if name in chosen}
        return cls(**chosen, company=Company.of(company))

    @property
    def names(self) -> AppNames:
        """What the resources are called."""
        return AppNames(self.prefix, self.suffix)

    @property
    def app(self) -> str:
        """What the app itself is called, in tags and wherever one name is enough."""
        return self.names.app

    def state_machine(self, flow: str) -> str:
        """Name of the state machine of a flow."""
        return self.names.state_machine(flow)

    def state_machine_arn(self, flow: str) -> Any:
        """ARN of the state machine of a flow, in whichever stack it is."""
        return arn("states", f"stateMachine:{self.state_machine(flow)}")

    def function(self, part: str) -> str:
        """Name of the Lambda function of a part ("ec2.stop_instances"), or of a function of nightshift's own."""
        return self.names.function(part)

    def function_arn(self, part: str) -> Any:
        """ARN of the Lambda function of a part."""
        return arn("lambda", f"function:{self.function(part)}")

    def alarm_topic(self, flow: str) -> str:
        """Name of the SNS topic whose alarm messages start a flow."""
        return self.names.of(f"alarm-{flow}")

    @property
    def state_machine_log_group(self) -> str:
        """Name of the log group of all state machines.

        The prefix /aws/vendedlogs/ keeps CloudWatch Logs from writing a resource policy per state machine, which
        ends at 5,120 characters ("Logging in Step Functions", Step Functions Developer Guide).
        """
        return f"/aws/vendedlogs/states/{self.app}"

    @property
    def dead_letter_queue(self) -> str:
        """Name of the queue of what could not be delivered."""
        return self.names.of("dead-letters")

    @property
    def table(self) -> str:
        """Name of the DynamoDB table."""
        return self.app

    @property
    def key_alias(self) -> str:
        """Alias of the KMS key of the topics, where the company has none."""
        return f"alias/{self.app}"

    @property
    def topic_key(self) -> str:
        """The KMS key of the topics: the company's, or the alias of the app's own."""
        return self.company.key_arn or self.key_alias


def _notified(value: Any) -> tuple[str, ...]:
    """The setting `notify`: a list, or a text with commas. Raises ValueError."""
    try:
        return told(list(texts("notify", value)))
    except InvalidParameter as error:
        raise ValueError(f"context {error}") from None


def _http_hosts(value: Any) -> tuple[str, ...]:
    """The setting `http_hosts`: a list, or a text with commas. Raises ValueError."""
    listed = texts("http_hosts", value)
    try:
        return tuple(map(str, hosts(listed)))
    except InvalidParameter as error:
        raise ValueError(f"context http_hosts: {error}") from None


def _of_stage(stage: Stage) -> dict[str, Any]:
    """The settings of a stage, as the context holds them. Raises ValueError for one that there is none of."""
    known = [*Settings.__dataclass_fields__, *NAMES]
    if unknown := sorted(set(stage.settings) - set(known)):
        raise ValueError(f"{stage.place('settings')} has {unknown[0]}; there are {', '.join(known)}")
    sender = {"mail_from": stage.mail_from} if stage.mail_from else {}
    return {**stage.settings, **sender, "prefix": stage.names.prefix, "suffix": stage.names.suffix}


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
            "write a shorter prefix or suffix, or rename the part"
        )


def check_names(settings: Settings, flow: CompiledFlow) -> None:
    """Refuse a flow whose names AWS would refuse.

    Raises ValueError. The limits: 80 characters for a state machine (CreateStateMachine), 64 for a schedule
    (CreateSchedule).
    """
    longest = 80 - len(settings.app) - 1
    if names := schedule_names(flow):
        longest = min(longest, 64 - max(len(name) - len(flow.name) for name in names))
    if len(flow.name) > longest:
        raise ValueError(
            f"{flow.file}:{flow.line}: the name {flow.name!r} has {len(flow.name)} characters, "
            f"at most {longest} fit the names AWS allows; rename the flow"
        )
