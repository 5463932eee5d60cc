"""ecs.run_task: start a task with a client token, poll until it has stopped, judge it by its exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, Result, part
from lambdas.engine.log_tail import log_tail
from lambdas.engine.selection import Ids, parse_ids
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, quoted
from lambdas.parts.ecs._definitions import Container, container_of

TASKS = ("arn:${AWS::Partition}:ecs:*:${AWS::AccountId}:task/*",)
DEFINITIONS = ("arn:${AWS::Partition}:ecs:*:${AWS::AccountId}:task-definition/*",)
CLUSTERS = ("arn:${AWS::Partition}:ecs:*:${AWS::AccountId}:cluster/*",)
STREAMS = ("arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:*:log-stream:*",)
ROLES = ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",)

_NO_ROOM = "NoRoom"
_BUSY = {_NO_ROOM: 60, "LimitExceededException": 60}
"""Codes that pass, with the seconds after which the task is asked for again."""

_UNSEEN = 120
"""Seconds for which a task may not be described although it is there. Amazon ECS API Reference, "RunTask"."""


@dataclass
class RunTaskResult(Result):
    """Result of ecs.run_task.

    changed: the task definition, when its task ended with an exit code of success.
    task_arn: the task, or "" with dry_run.
    exit_code: of the container; -1 when it did not run to its end.
    stopped_reason: why ECS stopped the task, in its words.
    output: the last 2,000 characters that the container wrote, where its log driver is awslogs.
    log: where the whole log is: "log group, log stream"; "" for another log driver.
    """

    task_arn: str = ""
    exit_code: int = -1
    stopped_reason: str = ""
    output: str = ""
    log: str = ""


class _NoRoom(Exception):
    """RunTask started nothing, and says why in its failures. Shaped as an error of AWS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.response = {"Error": {"Code": _NO_ROOM, "Message": reason}}


@part(
    allow=(
        Allow(("ecs:DescribeTaskDefinition",)),
        Allow(("ecs:DescribeClusters",), CLUSTERS),
        Allow(("ecs:RunTask",), DEFINITIONS),
        Allow(("ecs:DescribeTasks", "ecs:StopTask"), TASKS),
        Allow(("iam:PassRole",), ROLES, {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
        Allow(("logs:GetLogEvents",), STREAMS),
    ),
    cost="Fargate bills the CPU and memory of the task for as long as it runs, a minute at least.",
    hints={
        "CommandFailed": "Read the log of the container, correct the cause, then start the flow again.",
        "ClusterNotFoundException": "Check the name of the cluster, the Region and the account.",
        "TaskFailedToStart": "The reason tells what the task lacks: an image, a secret, a network or a role.",
        "SpotInterruption": "Fargate Spot took the capacity back; run the flow again, or run the task on FARGATE.",
        _NO_ROOM: "Add capacity to the cluster, or run the task when less is running there.",
    },
    timeout="1h",
    interval=10,
)
def run_task(
    call: Call,
    *,
    task_definition: str,
    cluster: str = "default",
    container: str | None = None,
    command: list[str] | None = None,
    environment: dict[str, str] | None = None,
    launch_type: Literal["FARGATE", "EC2", "EXTERNAL"] | None = None,
    subnets: Ids = None,
    security_groups: Ids = None,
    assign_public_ip: bool = False,
    success_codes: list[int] | None = None,
    **common: Unpack[Common],
) -> RunTaskResult | Pending:
    """Run a task on an ECS cluster, wait until it has stopped, and judge it by the exit code of its container.

    It runs once, whatever is repeated: a client token names it, which ECS remembers for a day. Where the cluster has no
    room, it is asked for again each minute. What has not stopped when `timeout` ends is stopped.

    The task has its own roles, those of its definition, which the part passes to ECS and never uses itself.

    A dry run finds the task definition and the cluster; nothing is started.

    Parameters:
    task_definition: family ("settle"), family and revision ("settle:7"), or ARN; a family is its latest revision.
    cluster: name or ARN of the cluster.
    container: the container that `command` and `environment` are for, and whose exit code counts; default: the first
        essential one.
    command: command of the container, word by word, in the place of that of its definition.
    environment: environment variables of the container, besides those of its definition.
    launch_type: where it runs; default: the capacity provider strategy of the cluster, else EC2.
    subnets: ids of the subnets, for a definition with the network mode awsvpc (all of Fargate).
    security_groups: ids of the security groups; default: that of the VPC.
    assign_public_ip: give the task a public address, which it needs in a public subnet to fetch its image.
    success_codes: exit codes that are success; default: 0.

    Result: RunTaskResult.

    Errors:
    PartFailed: the container ended with another exit code, the task did not start, or ECS refused it.
    PartTimeout: the task had not stopped when `timeout` ended, and was told to; or the cluster had no room.
    AccessDenied: the role may not run the task, or not pass its roles.
    InvalidParameter: the container is none of the definition.

    Source: "RunTask", "DescribeTasks", "Ensuring idempotency" (Amazon ECS API Reference).

    Example:
        from lambdas.parts import ecs, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 2 * * ? *", timezone="Asia/Tokyo"), timeout="3h")
        def settle(date: str = "today"):
            \"\"\"Settle the day in a container, and mail what it wrote at its end.\"\"\"
            settled = ecs.run_task(
                cluster="batch",
                task_definition="settle",
                command=["settle", "--date", date],
                launch_type="FARGATE",
                subnets="subnet-0a1b2c3d4e5f60718",
                timeout="2h",
            )
            notify.email(to="ops@example.com", subject="settled", body=settled.output)
    """
    given: dict[str, Any] = {"launchType": launch_type} if launch_type else {}
    if network := _network(subnets, security_groups, public=assign_public_ip):
        given["networkConfiguration"] = network
    override = {"command": command, "environment": [{"name": k, "value": v} for k, v in (environment or {}).items()]}
    run = _Run(call, task_definition, cluster, container, {k: v for k, v in override.items() if v}, given)
    run.success = frozenset([0] if success_codes is None else success_codes)
    stages = [
        Each(
            "todo",
            "to be started",
            run.not_started,
            request=run.start,
            then=lambda ids, answer: ((i, "running") for i in ids),
            asks=lambda i: False,
            busy=_BUSY,
        ),
        Stage("running", "to stop", run.late, poll=run.poll, named=lambda i: call.state.get("task", i)),
    ]
    run.stages = Stages(call, stages, verb="run", done="ended", noun="task", railed=False)
    return run.stages.run(run.plan, RunTaskResult(), run.finish)


def _network(subnets: Ids, groups: Ids, *, public: bool) -> dict[str, Any]:
    chosen = parse_ids(subnets)
    if not chosen:
        if groups or public:
            raise InvalidParameter("security_groups and assign_public_ip are for tasks with subnets; give those, too")
        return {}
    given: dict[str, Any] = {"subnets": chosen, "assignPublicIp": "ENABLED" if public else "DISABLED"}
    if parsed := parse_ids(groups):
        given["securityGroups"] = parsed
    return {"awsvpcConfiguration": given}


class _Run:
    """One task. Noted in the state: `definition`, ARN of the task definition; `container`, the fields of the container;
    `attempt`, how often the cluster had no room; `why`, what it said then; `task`, the ARN of the task; `missed`, since
    when ECS does not describe it; `ended`, how.
    """

    stages: Stages
    success: frozenset[int]

    def __init__(
        self,
        call: Call,
        name: str,
        cluster: str,
        container: str | None,
        override: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> None:
        self.call, self.state, self.client = call, call.state, call.client("ecs")
        self.name, self.cluster, self.container = name, cluster, container
        self.override, self.given = override, given

    def plan(self) -> Verdicts:
        """Whether there is what the task needs."""
        try:
            found = self.client.describe_task_definition(taskDefinition=self.name)["taskDefinition"]
        except Exception as error:
            if aws_errors.code(error) not in ("ClientException", "InvalidParameterException"):
                raise
            text = f"there is no task definition '{{id}}': {quoted(aws_errors.message(error))}"
            return [(self.name, Failed("TaskDefinitionNotFound", text))]
        if found.get("status", "ACTIVE") != "ACTIVE":
            return [(self.name, Failed("TaskDefinitionNotFound", f"'{{id}}' is {found['status']}"))]
        clusters = self.client.describe_clusters(clusters=[self.cluster])["clusters"]
        if not clusters or clusters[0].get("status") == "INACTIVE":
            return [(self.name, Failed("ClusterNotFoundException", f"there is no cluster {self.cluster}"))]
        self.state["definition"] = found["taskDefinitionArn"]
        self.state["container"] = vars(container_of(found, self.container))
        return [(self.name, "todo")]

    def start(self, name: str, dry_run: bool) -> None:
        """Ask for the task. ECS answers a repetition of a request that it has accepted with the task of that one."""
        container = Container(**self.state["container"])
        overrides = {"containerOverrides": [{"name": container.name, **self.override}]} if self.override else {}
        answer = self.client.run_task(
            cluster=self.cluster,
            taskDefinition=self.state["definition"],
            count=1,
            clientToken=self._token(),
            startedBy=f"nightshift/{self.call.run.flow}"[:128],
            **({"overrides": overrides} if overrides else {}),
            **self.given,
        )
        if not answer["tasks"]:
            failure: dict[str, Any] = next(iter(answer.get("failures", [])), {})
            # The token is spent: ECS would answer the next request with this failure again.
            self.state["attempt"] = self.state.get("attempt", 0) + 1
            self.state["why"] = str(failure.get("reason", "no reason is given"))
            raise _NoRoom(self.state["why"])
        self.state["task"] = answer["tasks"][0]["taskArn"]

    def _token(self) -> str:
        key = f"{self.call.run.id}/{self.call.run.key}/{self.state.get('attempt', 0)}"
        return sha256(key.encode()).hexdigest()

    def poll(self, names: list[str]) -> Verdicts:
        """Whether the task has stopped, and how."""
        answer = self.client.describe_tasks(cluster=self.cluster, tasks=[self.state["task"]])
        found = next(iter(answer["tasks"]), None)
        if found is None:
            missed = self.call.now() - self.state.setdefault("missed", self.call.now())
            gone = Failed("TaskMissing", f"ECS does not know {self.state['task']} of '{{id}}' any more")
            return [(self.name, "running" if missed < _UNSEEN else gone)]
        self.state.pop("missed", None)
        if found["lastStatus"] not in ("STOPPED", "DELETED"):
            return [(self.name, "running")]
        return [(self.name, self._judge(found))]

    def _judge(self, task: dict[str, Any]) -> Verdict:
        """Whether it succeeded; keeps the end of its log."""
        container = Container(**self.state["container"])
        own: dict[str, Any] = next((c for c in task.get("containers", []) if c["name"] == container.name), {})
        ended = {"code": own.get("exitCode", -1), "reason": task.get("stoppedReason", ""), "output": "", "log": ""}
        if "exitCode" in own and (stream := container.stream(task["taskArn"])):
            ended["log"] = f"{container.group}, {stream}"
            ended["output"], ended["unread"] = log_tail(self.call, container.group, stream, container.region)
        self.state["ended"] = ended
        if ended["code"] in self.success:
            return DONE
        why = quoted(own.get("reason") or ended["reason"] or "ECS gives no reason")
        if "exitCode" not in own:
            return Failed(task.get("stopCode", "TaskStopped"), f"the task of '{{id}}' did not run to its end: {why}")
        last = (ended["output"].splitlines() or [why])[-1]
        return Failed("CommandFailed", f"exit code {ended['code']} of {container.name} in '{{id}}': {quoted(last)}")

    def not_started(self, name: str) -> Failed:
        """What is said of a task that found no room in time."""
        why = quoted(self.state.get("why", "it was not started in time"))
        return Failed(_NO_ROOM, f"no task of '{{id}}' could be started in {self.cluster}: {why}")

    def late(self, name: str) -> Failed:
        """What runs longer than it may is stopped."""
        task = self.state["task"]
        reason = f"nightshift: {self.call.run.flow} gave up waiting"
        refused = aws_errors.refusal(lambda: self.client.stop_task(cluster=self.cluster, task=task, reason=reason))
        after = f"stopping it failed ({refused})" if refused else "it was told to stop"
        return Failed("Timeout", f"{task} of '{{id}}' had not stopped in time; {after}")

    def finish(self, result: RunTaskResult) -> None:
        """Add how the task ended."""
        result.task_arn = self.state.get("task", "")
        ended = self.state.get("ended")
        if ended is None:
            return
        result.exit_code, result.stopped_reason = ended["code"], ended["reason"]
        result.output, result.log = ended["output"], ended["log"]
        if unread := ended.get("unread"):
            result.warnings.append(unread)
        result.responses = {"DescribeTasksResponse": {"tasks": [{"taskArn": result.task_arn, **ended}]}}
