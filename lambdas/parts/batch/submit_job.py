"""batch.submit_job: submit a job under a name of the call's, poll until it has ended, judge it by its status."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.part import Allow, Call, Common, Pending, Result, part
from lambdas.engine.log_tail import log_tail
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, quoted

QUEUES = ("arn:${AWS::Partition}:batch:*:${AWS::AccountId}:job-queue/*",)
DEFINITIONS = ("arn:${AWS::Partition}:batch:*:${AWS::AccountId}:job-definition/*",)
JOBS = ("arn:${AWS::Partition}:batch:*:${AWS::AccountId}:job/*",)
STREAMS = ("arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:*:log-stream:*",)

_GROUP = "/aws/batch/job"
"""Where the containers of jobs write, unless their definition names another group. AWS Batch User Guide, "Use the
awslogs log driver"."""


@dataclass
class SubmitJobResult(Result):
    """Result of batch.submit_job.

    changed: the job definition, when its job succeeded.
    job_id: the job, or "" with dry_run.
    exit_code: of its container, in the last attempt; -1 when none ran to its end.
    status_reason: why Batch ended the job, in its words.
    output: the last 2,000 characters that the container wrote.
    log: where the whole log is: "log group, log stream".
    """

    job_id: str = ""
    exit_code: int = -1
    status_reason: str = ""
    output: str = ""
    log: str = ""


@part(
    allow=(
        Allow(("batch:DescribeJobDefinitions", "batch:DescribeJobQueues", "batch:DescribeJobs", "batch:ListJobs")),
        Allow(("batch:SubmitJob",), (*QUEUES, *DEFINITIONS, *JOBS)),
        Allow(("batch:TerminateJob",), JOBS),
        Allow(("logs:GetLogEvents",), STREAMS),
    ),
    cost="Batch itself is free; the instances or the Fargate capacity of the job are billed while it runs.",
    hints={
        "JobFailed": "Read the log of the job, correct the cause, then start the flow again.",
        "JobQueueDisabled": "Enable the job queue, or give another one.",
    },
    timeout="4h",
    interval=15,
)
def submit_job(
    call: Call,
    *,
    job_queue: str,
    job_definition: str,
    command: list[str] | None = None,
    environment: dict[str, str] | None = None,
    parameters: dict[str, str] | None = None,
    share_identifier: str | None = None,
    **common: Unpack[Common],
) -> SubmitJobResult | Pending:
    """Submit a job to AWS Batch, wait until it has ended, and fail when it failed.

    It is submitted once, whatever is repeated: the name of the job is that of the call, and a job of this name is
    looked for before one is submitted. What has not ended when `timeout` ends is terminated. How often a failed job is
    attempted again is said by its definition.

    A dry run finds the queue and the definition; nothing is submitted.

    Parameters:
    job_queue: name or ARN of the job queue.
    job_definition: name ("settle"), name and revision ("settle:3"), or ARN; a name is its latest active revision.
    command: command of the container, word by word, in the place of that of its definition.
    environment: environment variables of the container, besides those of its definition.
    parameters: values for the placeholders in the command of the definition (Ref::name).
    share_identifier: share of a queue with a fair-share policy, which needs one.

    Result: SubmitJobResult.

    Errors:
    PartFailed: the job failed, the queue or the definition does not exist, or Batch refused the job.
    PartTimeout: the job had not ended when `timeout` ended, and was terminated; the message has its state.
    AccessDenied: the role may not submit the job.

    Source: "SubmitJob", "ListJobs", "DescribeJobs" (AWS Batch API Reference).

    Example:
        from lambdas.parts import batch, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 1 * * ? *", timezone="Asia/Tokyo"), timeout="7h")
        def render_reports(date: str = "today"):
            \"\"\"Render the reports of the day, and mail the end of the log.\"\"\"
            rendered = batch.submit_job(
                job_queue="night",
                job_definition="render",
                parameters={"date": date},
                timeout="6h",
            )
            notify.email(to="ops@example.com", subject="reports", body=rendered.output)
    """
    override = {"command": command, "environment": [{"name": k, "value": v} for k, v in (environment or {}).items()]}
    given: dict[str, Any] = {
        "containerOverrides": {name: value for name, value in override.items() if value},
        "parameters": parameters,
        "shareIdentifier": share_identifier,
    }
    run = _Run(call, job_queue, job_definition, {name: value for name, value in given.items() if value})
    stages = [
        Each(
            "todo",
            "to be submitted",
            "no job of '{id}' could be submitted in time",
            poll=run.found,
            request=run.submit,
            then=lambda ids, answer: ((i, "running") for i in ids),
            asks=lambda i: False,
        ),
        Stage("running", "to end", run.late, poll=run.poll),
    ]
    work = Stages(call, stages, verb="submit", done="ended", noun="job", railed=False)
    return work.run(run.plan, SubmitJobResult(), run.finish)


class _Run:
    """One job. Noted in the state: `job`, its id; `seen`, its last status and reason; `ended`, how."""

    def __init__(self, call: Call, queue: str, definition: str, given: dict[str, Any]) -> None:
        self.call, self.state, self.client = call, call.state, call.client("batch")
        self.queue, self.definition, self.given = queue, definition, given
        self.name = f"nightshift-{sha256(f'{call.run.id}/{call.run.key}'.encode()).hexdigest()[:48]}"

    def plan(self) -> Verdicts:
        """Whether there is what the job needs."""
        queue = next(iter(self.client.describe_job_queues(jobQueues=[self.queue])["jobQueues"]), None)
        if queue is None:
            return [(self.definition, Failed("JobQueueNotFound", f"there is no job queue {quoted(self.queue)}"))]
        if queue["state"] != "ENABLED":
            return [(self.definition, Failed("JobQueueDisabled", f"the job queue {self.queue} is {queue['state']}"))]
        given: dict[str, Any] = {"jobDefinitionName": self.definition, "status": "ACTIVE"}
        if ":" in self.definition:
            given = {"jobDefinitions": [self.definition]}
        found = self.client.describe_job_definitions(**given)["jobDefinitions"]
        if not any(definition["status"] == "ACTIVE" for definition in found):
            return [(self.definition, Failed("JobDefinitionNotFound", "there is no active job definition '{id}'"))]
        return [(self.definition, "todo")]

    def found(self, names: list[str]) -> Verdicts:
        """Whether an earlier invocation has submitted it, whose answer was lost."""
        listed = self.client.list_jobs(jobQueue=self.queue, filters=[{"name": "JOB_NAME", "values": [self.name]}])
        if job := next(iter(listed["jobSummaryList"]), None):
            self.state["job"] = job["jobId"]
            yield names[0], "running"

    def submit(self, name: str, dry_run: bool) -> None:
        """Submit it."""
        answer = self.client.submit_job(
            jobName=self.name, jobQueue=self.queue, jobDefinition=self.definition, **self.given
        )
        self.state["job"] = answer["jobId"]

    def poll(self, names: list[str]) -> Verdicts:
        """Whether the job has ended, and how."""
        job = next(iter(self.client.describe_jobs(jobs=[self.state["job"]])["jobs"]), None)
        if job is None:
            return [(names[0], "running")]
        self.state["seen"] = f"{job['status']} {job.get('statusReason', '')}".strip()
        return [(names[0], self._judge(job) if job["status"] in ("SUCCEEDED", "FAILED") else "running")]

    def _judge(self, job: dict[str, Any]) -> Verdict:
        """Whether it succeeded; keeps the end of its log."""
        container = _container(job)
        ended = {"code": container.get("exitCode", -1), "reason": job.get("statusReason", ""), "output": "", "log": ""}
        if stream := container.get("logStreamName"):
            options = (container.get("logConfiguration") or {}).get("options") or {}
            group = options.get("awslogs-group", _GROUP)
            ended["log"] = f"{group}, {stream}"
            ended["output"], ended["unread"] = log_tail(self.call, group, stream, options.get("awslogs-region", ""))
        self.state["ended"] = ended
        if job["status"] == "SUCCEEDED":
            return DONE
        why = container.get("reason") or ended["reason"] or "Batch gives no reason"
        last = (ended["output"].splitlines() or [why])[-1]
        text = f"exit code {ended['code']}: {last}" if "exitCode" in container else why
        return Failed("JobFailed", f"{self.state['job']} of '{{id}}' failed: {quoted(text)}")

    def late(self, name: str) -> Failed:
        """What takes longer than it may is terminated."""
        job = self.state["job"]
        reason = f"nightshift: {self.call.run.flow} gave up waiting"
        refused = aws_errors.refusal(lambda: self.client.terminate_job(jobId=job, reason=reason))
        after = f"terminating it failed ({refused})" if refused else "it was terminated"
        seen = quoted(self.state.get("seen", "not described"))
        return Failed("Timeout", f"{job} of '{{id}}' had not ended in time, and was {seen}; {after}")

    def finish(self, result: SubmitJobResult) -> None:
        """Add how the job ended."""
        result.job_id = self.state.get("job", "")
        ended = self.state.get("ended")
        if ended is None:
            return
        result.exit_code, result.status_reason = ended["code"], ended["reason"]
        result.output, result.log = ended["output"], ended["log"]
        if unread := ended.get("unread"):
            result.warnings.append(unread)
        result.responses = {"DescribeJobsResponse": {"jobs": [{"jobId": result.job_id, **ended}]}}


def _container(job: dict[str, Any]) -> dict[str, Any]:
    """What is told of its container: the first, where a job has several; nothing of a job of another kind."""
    tasks = (job.get("ecsProperties") or {}).get("taskProperties") or [{}]
    several = tasks[0].get("containers") or [{}]
    return dict(job.get("container") or several[0])
