"""glue.start_job_run: start a job of Glue with the name of the call among its arguments, poll until it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.part import Allow, Call, Common, Pending, Result, part
from lambdas.engine.log_tail import log_tail
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, quoted

JOBS = ("arn:${AWS::Partition}:glue:*:${AWS::AccountId}:job/*",)
STREAMS = ("arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:*:log-stream:*",)

CALL = "--nightshift-call"
"""Argument that names the call. A script ignores it: getResolvedOptions reads the arguments that it asks for."""

_BUSY = {"ConcurrentRunsExceededException": 60, "ResourceNumberLimitExceededException": 60}
_RUNNING = ("STARTING", "RUNNING", "STOPPING", "WAITING")
_SKEW = 300


@dataclass
class StartJobRunResult(Result):
    """Result of glue.start_job_run.

    changed: the job, when its run succeeded.
    job_run_id: the run, or "" with dry_run.
    state: how it ended ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED").
    seconds: how long it ran.
    output: the last 2,000 characters that it wrote to its standard output.
    log: where the whole output is: "log group, log stream".
    """

    job_run_id: str = ""
    state: str = ""
    seconds: int = 0
    output: str = ""
    log: str = ""


@part(
    allow=(
        Allow(("glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"), JOBS),
        Allow(("logs:GetLogEvents",), STREAMS),
    ),
    cost="Glue bills the capacity of the run (DPU hours) for as long as it runs, a minute at least.",
    hints={
        "EntityNotFoundException": "Check the name of the job, the Region and the account.",
        "JobRunFailed": "Look at the run in the console of Glue, correct the cause, then start the flow again.",
    },
    timeout="4h",
    interval=15,
)
def start_job_run(
    call: Call,
    *,
    job_name: str,
    arguments: dict[str, str] | None = None,
    worker_type: Literal["Standard", "G.025X", "G.1X", "G.2X", "G.4X", "G.8X"] | None = None,
    number_of_workers: int | None = None,
    **common: Unpack[Common],
) -> StartJobRunResult | Pending:
    """Start a run of a Glue job, wait until it has ended, and fail when it failed.

    It is started once, whatever is repeated: the run carries the name of the call in its argument --nightshift-call, by
    which a run whose answer was lost is found. While as many runs of the job as it allows are under way, it is asked
    for again each minute. What has not ended when `timeout` ends is stopped.

    A dry run finds the job; nothing is started.

    Parameters:
    job_name: name of the job.
    arguments: arguments of the run, by name ("--date"), in the place of those of the job.
    worker_type: type of the workers, in the place of the job's.
    number_of_workers: how many of them.

    Result: StartJobRunResult.

    Errors:
    PartFailed: the run failed (Glue's message is given), or the job does not exist.
    PartTimeout: the run had not ended when `timeout` ended, and was stopped.
    AccessDenied: the role may not start the job.

    Source: "StartJobRun", "GetJobRun", "GetJobRuns" (AWS Glue Web API Reference).

    Example:
        from lambdas.parts import glue
        from nightshift import cron, flow


        @flow(schedule=cron("30 0 * * ? *", timezone="Asia/Tokyo"), timeout="5h")
        def load_warehouse(date: str = "today"):
            \"\"\"Load the orders of the day into the warehouse.\"\"\"
            loaded = glue.start_job_run(job_name="load-orders", arguments={"--date": date}, timeout="4h")
            return loaded.summary
    """
    given: dict[str, Any] = {"WorkerType": worker_type, "NumberOfWorkers": number_of_workers}
    run = _Run(call, job_name, arguments or {}, {name: value for name, value in given.items() if value})
    stages = [
        Each(
            "todo",
            "to be started",
            "no run of '{id}' could be started in time",
            poll=run.found,
            request=run.start,
            then=lambda ids, answer: ((i, "running") for i in ids),
            asks=lambda i: False,
            busy=_BUSY,
        ),
        Stage("running", "to end", run.late, poll=run.poll),
    ]
    work = Stages(call, stages, verb="run", done="ended", noun="job", railed=False)
    return work.run(run.plan, StartJobRunResult(), run.finish)


class _Run:
    """One run. Noted in the state: `planned_at`; `run`, its id; `ended`, how."""

    def __init__(self, call: Call, job: str, arguments: dict[str, str], given: dict[str, Any]) -> None:
        self.call, self.state, self.client = call, call.state, call.client("glue")
        self.job, self.given = job, given
        self.mark = sha256(f"{call.run.id}/{call.run.key}".encode()).hexdigest()[:48]
        self.arguments = {**arguments, CALL: self.mark}

    def plan(self) -> Verdicts:
        """Whether there is such a job."""
        try:
            self.client.get_job(JobName=self.job)
        except Exception as error:
            if aws_errors.code(error) != "EntityNotFoundException":
                raise
            return [(self.job, Failed("EntityNotFoundException", "there is no job '{id}'"))]
        self.state["planned_at"] = self.call.now()
        return [(self.job, "todo")]

    def found(self, names: list[str]) -> Verdicts:
        """Whether an earlier invocation has started it, whose answer was lost. The newest runs come first."""
        for page in self.client.get_paginator("get_job_runs").paginate(JobName=self.job):
            for run in page["JobRuns"]:
                if run.get("Arguments", {}).get(CALL) == self.mark:
                    self.state["run"] = run["Id"]
                    yield names[0], "running"
                    return
            older = [r for r in page["JobRuns"] if r["StartedOn"].timestamp() < self.state["planned_at"] - _SKEW]
            if older:
                return

    def start(self, name: str, dry_run: bool) -> None:
        """Start it."""
        answer = self.client.start_job_run(JobName=self.job, Arguments=self.arguments, **self.given)
        self.state["run"] = answer["JobRunId"]

    def poll(self, names: list[str]) -> Verdicts:
        """Whether the run has ended, and how."""
        try:
            found = self.client.get_job_run(JobName=self.job, RunId=self.state["run"])["JobRun"]
        except Exception as error:
            # It may not be seen for a moment.
            if aws_errors.code(error) != "EntityNotFoundException":
                raise
            return [(self.job, "running")]
        return [(self.job, "running" if found["JobRunState"] in _RUNNING else self._judge(found))]

    def _judge(self, run: dict[str, Any]) -> Verdict:
        """Whether it succeeded; keeps the end of its output."""
        group = f"{run.get('LogGroupName') or '/aws-glue/jobs'}/output"
        output, unread = log_tail(self.call, group, run["Id"])
        self.state["ended"] = {
            "state": run["JobRunState"],
            "seconds": run.get("ExecutionTime", 0),
            "output": output,
            "log": f"{group}, {run['Id']}",
            "unread": unread,
        }
        if run["JobRunState"] == "SUCCEEDED":
            return DONE
        why = quoted(run.get("ErrorMessage") or "Glue gives no reason")
        return Failed("JobRunFailed", f"{run['Id']} of '{{id}}' ended {run['JobRunState']}: {why}")

    def late(self, name: str) -> Failed:
        """What takes longer than it may is stopped."""
        run = self.state["run"]
        try:
            refused = self.client.batch_stop_job_run(JobName=self.job, JobRunIds=[run]).get("Errors") or []
        except Exception as error:
            after = f"stopping it failed ({aws_errors.code(error) or type(error).__name__})"
        else:
            after = "stopping it failed" if refused else "it was told to stop"
        return Failed("Timeout", f"{run} of '{{id}}' had not ended in time; {after}")

    def finish(self, result: StartJobRunResult) -> None:
        """Add how the run ended."""
        result.job_run_id = self.state.get("run", "")
        ended = self.state.get("ended")
        if ended is None:
            return
        result.state, result.seconds = ended["state"], ended["seconds"]
        result.output, result.log = ended["output"], ended["log"]
        if ended["unread"]:
            result.warnings.append(ended["unread"])
        result.responses = {"GetJobRunResponse": {"JobRun": {"Id": result.job_run_id, **ended}}}
