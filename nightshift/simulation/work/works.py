"""Tasks, services, jobs, functions and state machines of a fleet in this process: how they run, end and cost.

Those of ECS, Batch and Glue pass their states by the rules of the local AWS; functions and state machines answer here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError
from moto.batch.models import batch_backends
from moto.ecs.models import ecs_backends
from moto.glue.models import glue_backends

from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.fleet.compute.ecs_services import arrive, task_counts
from nightshift.local.fleet.compute.ways import lasts
from nightshift.local.fleet.faults import Fault
from nightshift.local.seed import Work
from nightshift.simulation.clients import SimulatedAws

_HOUR = 3600


@dataclass(frozen=True)
class Worked:
    """What runs of a work came to.

    runs: of a service, how often the number of its tasks has changed. failed: how many did not end well.
    hours: of a service, those of all its tasks. cost: US dollars.
    """

    work: Work
    runs: int
    failed: int
    hours: float

    @property
    def cost(self) -> float:
        """The hours at the price of the work."""
        return self.hours * self.work.price


@dataclass
class _Run:
    """A run of a function or a state machine. stopped: when it was stopped, or None."""

    begun: float
    seconds: float
    fails: bool
    stopped: float | None = None


class Works:
    """The work of one fleet. Make it once, `add` what there is, and read `worked` at any time.

    begin: seconds since the epoch from which on the hours of services count, if they are there earlier.
    """

    def __init__(self, aws: SimulatedAws, begin: float = 0.0) -> None:
        self._aws = aws
        self._begin = begin
        self._all: list[Work] = []
        self._places: set[tuple[str, str]] = set()
        self._runs: dict[tuple[str, str], dict[str, _Run]] = {}
        self._services: dict[str, str] = {}

    def add(self, works: Sequence[Work]) -> None:
        """Let there be more. Raises ValueError for a second one of a kind and name."""
        for work in works:
            if any((known.kind, known.name) == (work.kind, work.name) for known in self._all):
                raise ValueError(f"there are two works {work.kind} {work.name}; leave out one")
            self._all.append(work)
            self._runs[work.kind, work.name] = {}
            ways = {"ecs": self._ecs, "service": self._service, "batch": self._batch, "glue": self._glue}
            ways.get(work.kind, self._answered)(work)

    def worked(self) -> list[Worked]:
        """What became of each until now."""
        self._aws.world.catch_up()
        return [self._of(work) for work in self._all]

    def _of(self, work: Work) -> Worked:
        if work.kind == "service":
            return self._served(work)
        ways = {"ecs": _tasks, "batch": _jobs, "glue": _job_runs}
        runs = list(ways[work.kind](work) if work.kind in ways else self._own(work))
        now = self._aws.now()
        seconds = sum(max(0.0, min(now, end or now) - begin) for begin, end, _ in runs if begin is not None)
        return Worked(work, len(runs), sum(failed for _, _, failed in runs), seconds / _HOUR)

    def _served(self, work: Work) -> Worked:
        counts = task_counts(self._aws.world, self._services[work.name])
        seconds = sum(
            tasks * max(0.0, until - max(since, self._begin))
            for (since, tasks), (until, _) in pairwise([*counts, (self._aws.now(), 0)])
        )
        changes = sum(moment > self._begin and before != tasks for (_, before), (moment, tasks) in pairwise(counts[1:]))
        return Worked(work, changes, 0, seconds / _HOUR)

    def _own(self, work: Work) -> Iterator[tuple[float, float, bool]]:
        now = self._aws.now()
        for run in self._runs[work.kind, work.name].values():
            if work.kind == "lambda":
                # It is over when it is answered, and no time passes until then.
                yield run.begun - run.seconds, run.begun, run.fails
                continue
            end = run.begun + run.seconds if run.stopped is None else run.stopped
            yield run.begun, end, run.stopped is not None or (run.fails and end <= now)

    def _moto(self, work: Work) -> None:
        """Its way and its faults, where the rules of the local AWS move it."""
        lasts(self._aws.world, work.name, work.seconds)
        if work.exit_code:
            code, said = str(work.exit_code), str(work.answer or "")
            fault = Fault("task_fails", resource=work.name, code=code, message=said, times=work.failing)
            self._aws.world.faults.append(fault)

    def _first(self, work: Work) -> bool:
        """Whether the cluster, the queue or the role that it needs is still to be made."""
        place = ("ecs" if work.kind == "service" else work.kind, "" if work.kind == "glue" else work.where)
        new = place not in self._places
        self._places.add(place)
        return new

    def _ecs(self, work: Work) -> Any:
        ecs = self._aws.client("ecs")
        if self._first(work):
            ecs.create_cluster(clusterName=work.where)
        ecs.register_task_definition(
            family=work.name, containerDefinitions=[{"name": work.name, "image": "simulated", "memory": 64}]
        )
        self._moto(work)
        return ecs

    def _service(self, work: Work) -> None:
        """One that is steady from the beginning."""
        made = self._ecs(work).create_service(
            cluster=work.where,
            serviceName=work.name,
            taskDefinition=work.name,
            desiredCount=work.tasks,
            tags=[{"key": key, "value": value} for key, value in work.tags.items()],
        )
        self._services[work.name] = made["service"]["serviceArn"]
        arrive(ecs_backends[ACCOUNT][REGION]._get_service(work.where, work.name))

    def _batch(self, work: Work) -> None:
        batch, name = self._aws.client("batch"), f"{work.where}-simulated"
        if self._first(work):
            role = self._role(name)
            made = batch.create_compute_environment(computeEnvironmentName=name, type="UNMANAGED", serviceRole=role)
            order = [{"order": 1, "computeEnvironment": made["computeEnvironmentArn"]}]
            batch.create_job_queue(jobQueueName=work.where, state="ENABLED", priority=1, computeEnvironmentOrder=order)
        container = {"image": "simulated", "vcpus": 1, "memory": 64}
        batch.register_job_definition(jobDefinitionName=work.name, type="container", containerProperties=container)
        self._moto(work)

    def _glue(self, work: Work) -> None:
        command = {"Name": "glueetl", "ScriptLocation": "s3://simulated/script.py"}
        self._aws.client("glue").create_job(Name=work.name, Role=self._role(f"{work.name}-glue"), Command=command)
        self._moto(work)

    def _role(self, name: str) -> str:
        made = self._aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        return str(made["Role"]["Arn"])

    def _answered(self, work: Work) -> None:
        self._aws.answer(work.kind, (_Functions if work.kind == "lambda" else _Machines)(self))

    def find(self, kind: str, name: str) -> Work | None:
        """The work of a kind and name, or of an ARN that ends with it."""
        return next((w for w in self._all if w.kind == kind and w.name in (name, name.rpartition(":")[2])), None)

    def begin(self, work: Work, key: str = "") -> _Run:
        """A run of a function or a state machine; with a key that is known the one of that key."""
        runs = self._runs[work.kind, work.name]
        fails = work.exit_code != 0 and (work.failing is None or len(runs) < work.failing)
        return runs.setdefault(key or str(len(runs)), _Run(self._aws.now(), work.seconds, fails))

    def run(self, work: Work, key: str) -> _Run | None:
        """The run of a key."""
        return self._runs[work.kind, work.name].get(key)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._aws.now()


@dataclass(frozen=True)
class _Functions:
    """Answers for Lambda. Follows "Invoke" (AWS Lambda API Reference)."""

    works: Works
    _status: dict[str, int] = field(default_factory=lambda: {"DryRun": 204, "Event": 202, "RequestResponse": 200})

    def invoke(self, **given: Any) -> dict[str, Any]:
        """Invoke one."""
        name, kind = given["FunctionName"], given["InvocationType"]
        work = self.works.find("lambda", name)
        if work is None:
            raise _error("Invoke", "ResourceNotFoundException", f"Function not found: {name}", 404)
        answer: dict[str, Any] = {"StatusCode": self._status[kind], "Payload": BytesIO()}
        if kind == "DryRun":
            return answer
        run = self.works.begin(work)
        if kind == "Event":
            return answer
        told = {"errorType": "Error", "errorMessage": str(work.answer or "it failed")} if run.fails else work.answer
        log = base64.b64encode(f"{work.name} has {'failed' if run.fails else 'ended'}".encode()).decode()
        answer |= {"Payload": BytesIO(json.dumps(told).encode()), "ExecutedVersion": "$LATEST", "LogResult": log}
        return answer | ({"FunctionError": "Unhandled"} if run.fails else {})


@dataclass(frozen=True)
class _Machines:
    """Answers for Step Functions. Follows "StartExecution", "DescribeExecution" (AWS Step Functions API Reference)."""

    works: Works

    def describe_state_machine(self, *, stateMachineArn: str) -> dict[str, Any]:  # noqa: N803
        """Tell of one."""
        self._found("DescribeStateMachine", stateMachineArn)
        return {"stateMachineArn": stateMachineArn, "type": "STANDARD", "status": "ACTIVE"}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: N803, A002
        """Start one, once for each name."""
        run = self.works.begin(self._found("StartExecution", stateMachineArn), name)
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        return {"executionArn": arn, "startDate": run.begun}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        """Tell how far one is."""
        work, run = self._execution("DescribeExecution", executionArn)
        told: dict[str, Any] = {"executionArn": executionArn}
        if run.stopped is not None:
            return {**told, "status": "ABORTED"}
        if self.works.now() < run.begun + run.seconds:
            return {**told, "status": "RUNNING"}
        if run.fails:
            return {**told, "status": "FAILED", "error": "Error", "cause": str(work.answer or "it failed")}
        return {**told, "status": "SUCCEEDED", "output": json.dumps(work.answer)}

    def stop_execution(self, *, executionArn: str, **why: str) -> dict[str, Any]:  # noqa: N803
        """Stop one that runs."""
        _, run = self._execution("StopExecution", executionArn)
        now = self.works.now()
        if run.stopped is None and now < run.begun + run.seconds:
            run.stopped = now
        return {"stopDate": now}

    def _found(self, operation: str, arn: str) -> Work:
        work = self.works.find("stepfunctions", arn)
        if work is None:
            raise _error(operation, "StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return work

    def _execution(self, operation: str, arn: str) -> tuple[Work, _Run]:
        machine, _, name = arn.rpartition(":")
        work = self.works.find("stepfunctions", machine)
        run = self.works.run(work, name) if work else None
        if work is None or run is None:
            raise _error(operation, "ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return work, run


def _error(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


Span = tuple[float | None, float | None, bool]
"""Of a run: when it began to run and when it ended, each None when it has not, and whether it failed."""


def _tasks(work: Work) -> Iterator[Span]:
    for tasks in ecs_backends[ACCOUNT][REGION].tasks.values():
        for task in tasks.values():
            if task.task_definition_arn.rpartition("/")[2].partition(":")[0] == work.name:
                containers: Any = task.containers
                codes = [container.get("exitCode") for container in containers]
                ended = task.last_status == "STOPPED"
                yield _seconds(task, "started_at"), _seconds(task, "stopped_at"), ended and codes != [0]


def _jobs(work: Work) -> Iterator[Span]:
    for job in batch_backends[ACCOUNT][REGION]._jobs.values():
        if job.job_definition.name == work.name:
            yield _seconds(job, "job_started_at"), _seconds(job, "job_stopped_at"), job.status == "FAILED"


def _job_runs(work: Work) -> Iterator[Span]:
    for run in glue_backends[ACCOUNT][REGION].jobs[work.name].job_runs:
        yield _seconds(run, "started_on"), _seconds(run, "completed_on"), run.status in ("FAILED", "STOPPED", "TIMEOUT")


def _seconds(of: Any, name: str) -> float | None:
    """A time of moto's, which has no zone or UTC's, in seconds since the epoch."""
    moment = getattr(of, name, None)
    return moment.replace(tzinfo=UTC).timestamp() if isinstance(moment, datetime) else None
