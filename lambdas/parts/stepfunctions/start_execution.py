"""stepfunctions.start_execution: start a state machine by a name of the call's, poll until it has ended."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Json, Pending, Result, part
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, quoted

MACHINES = ("arn:${AWS::Partition}:states:*:${AWS::AccountId}:stateMachine:*",)
EXECUTIONS = ("arn:${AWS::Partition}:states:*:${AWS::AccountId}:execution:*",)

_ARN = re.compile(r"(arn:aws[a-z-]*:states:)([a-z0-9-]+)(:\d{12}:)stateMachine:([^:]+)(:[^:]+)?")
_BUSY = {"ExecutionLimitExceeded": 60}
# The name is taken by a run that has ended: that of an earlier invocation, whose answer was lost.
_STARTED = "ExecutionAlreadyExists"
_MOST_BYTES = 262144
"""AWS Step Functions Developer Guide, "Quotas"."""


@dataclass
class StartExecutionResult(Result):
    """Result of stepfunctions.start_execution.

    changed: the state machine, when its execution succeeded; with wait=False, when it was started.
    execution_arn: the execution, or "" with dry_run.
    status: how it ended ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"), or "RUNNING" with wait=False.
    output: its output, as JSON text.
    """

    execution_arn: str = ""
    status: str = ""
    output: str = ""


@part(
    allow=(
        Allow(("states:DescribeStateMachine", "states:StartExecution"), MACHINES, named_by="state_machine_arn"),
        Allow(("states:DescribeExecution", "states:StopExecution"), EXECUTIONS),
    ),
    cost="Step Functions bills the transitions of the started execution to the account of its state machine.",
    hints={
        "StateMachineDoesNotExist": "Check the ARN of the state machine, and give role_arn for another account.",
        "ExecutionFailed": "Look at the execution in the console of Step Functions, then start the flow again.",
    },
    timeout="1h",
    interval=10,
)
def start_execution(
    call: Call,
    *,
    state_machine_arn: str,
    input: dict[str, Json] | None = None,  # noqa: A002  Step Functions calls it so
    wait: bool = True,
    **common: Unpack[Common],
) -> StartExecutionResult | Pending:
    """Start a state machine of Step Functions that is no flow, and wait until its execution has ended.

    It is started once, whatever is repeated: the execution is named after the call. A state machine of another account
    is started as a role there (`role_arn`). What has not ended when `timeout` ends is stopped. A flow of one's own is
    called by its name instead.

    Express workflows are refused: their names protect from no second start.

    A dry run finds the state machine; nothing is started.

    Parameters:
    state_machine_arn: ARN of the state machine, of a version or of an alias; it is started in the region of its ARN.
    input: input of the execution; default: {}.
    wait: False: start it and go on.

    Result: StartExecutionResult.

    Errors:
    PartFailed: the state machine does not exist, is an Express workflow, or its execution did not succeed.
    PartTimeout: the execution had not ended when `timeout` ended, and was stopped.
    AccessDenied: the role may not start it.
    InvalidParameter: state_machine_arn is no ARN of a state machine, or the input is too large.

    Source: "StartExecution", "DescribeExecution" (AWS Step Functions API Reference).

    Example:
        from lambdas.parts import stepfunctions
        from nightshift import cron, flow

        MACHINE = "arn:aws:states:ap-northeast-1:210987654321:stateMachine:close-the-books"


        @flow(schedule=cron("0 1 1 * ? *", timezone="Asia/Tokyo"), timeout="5h")
        def close_the_books():
            \"\"\"Have the finance account close the books of the month.\"\"\"
            closed = stepfunctions.start_execution(
                state_machine_arn=MACHINE,
                role_arn="arn:aws:iam::210987654321:role/nightshift-starter",
                input={"month": "last"},
                timeout="4h",
            )
            return closed.output
    """
    machine = _ARN.fullmatch(state_machine_arn)
    if machine is None:
        shape = "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME"
        raise InvalidParameter(f"state_machine_arn={state_machine_arn!r} is no ARN of a state machine ({shape})")
    given = json.dumps(input or {})
    if len(given.encode()) > _MOST_BYTES:
        raise InvalidParameter(f"the input has {len(given.encode())} bytes; Step Functions takes {_MOST_BYTES}")
    run = _Run(call, machine, given)
    stages = [
        Each(
            "todo",
            "to be started",
            "no execution of '{id}' could be started in time",
            request=run.start,
            then=lambda ids, answer: ((i, "running" if wait else DONE) for i in ids),
            refused=lambda i, code, message: ("running" if wait else DONE) if code == _STARTED else None,
            asks=lambda i: False,
            busy=_BUSY,
        ),
        Stage("running", "to end", run.late, poll=run.poll),
    ]
    work = Stages(call, stages, verb="start", done="ended" if wait else "started", noun="execution", railed=False)
    return work.run(run.plan, StartExecutionResult(), run.finish)


class _Run:
    """One execution. Noted in the state, once it has ended: `status`, `output`."""

    def __init__(self, call: Call, machine: re.Match[str], given: str) -> None:
        self.call, self.state, self.machine, self.given = call, call.state, machine, given
        self.client = call.client("stepfunctions", region=machine[2])
        key = f"{call.run.id}/{call.run.key}"
        self.name = f"nightshift-{sha256(key.encode()).hexdigest()[:48]}"
        self.arn = f"{machine[1]}{machine[2]}{machine[3]}execution:{machine[4]}:{self.name}"

    def plan(self) -> Verdicts:
        """Whether there is such a state machine."""
        arn = self.machine[0]
        try:
            found = self.client.describe_state_machine(stateMachineArn=arn)
        except Exception as error:
            if aws_errors.code(error) not in ("StateMachineDoesNotExist", "InvalidArn"):
                raise
            return [(arn, Failed(aws_errors.code(error), quoted(aws_errors.message(error))))]
        if found.get("type") == "EXPRESS":
            return [(arn, Failed("ExpressWorkflow", "'{id}' is an Express workflow, which could be started twice"))]
        return [(arn, "todo")]

    def start(self, arn: str, dry_run: bool) -> Any:
        """Start it; Step Functions answers a repetition while it runs with the same execution."""
        self.state["asked"] = True
        return self.client.start_execution(stateMachineArn=arn, name=self.name, input=self.given)

    def poll(self, arns: list[str]) -> Verdicts:
        """Whether it has ended, and how."""
        try:
            found = self.client.describe_execution(executionArn=self.arn)
        except Exception as error:
            # "This operation is eventually consistent" (DescribeExecution).
            if aws_errors.code(error) != "ExecutionDoesNotExist":
                raise
            return [(arns[0], "running")]
        return [(arns[0], self._judge(found))]

    def _judge(self, found: dict[str, Any]) -> Verdict:
        status = found["status"]
        if status in ("RUNNING", "PENDING_REDRIVE"):
            return "running"
        self.state["status"], self.state["output"] = status, found.get("output", "")
        if status == "SUCCEEDED":
            return DONE
        why = f"{found.get('error') or status}: {found.get('cause') or 'no cause is given'}"
        return Failed("ExecutionFailed", f"{self.arn} of '{{id}}' ended {status}: {quoted(why)}")

    def late(self, arn: str) -> Failed:
        """What takes longer than it may is stopped."""
        stop = {"error": "PartTimeout", "cause": f"nightshift: {self.call.run.flow} gave up waiting"}
        refused = aws_errors.refusal(lambda: self.client.stop_execution(executionArn=self.arn, **stop))
        after = f"stopping it failed ({refused})" if refused else "it was stopped"
        return Failed("Timeout", f"{self.arn} of '{{id}}' had not ended in time; {after}")

    def finish(self, result: StartExecutionResult) -> None:
        """Add how it ended."""
        if not self.state.get("asked"):
            return
        result.execution_arn = self.arn
        result.status = self.state.get("status", "RUNNING")
        result.output = self.state.get("output", "")
        result.responses = {"DescribeExecutionResponse": {"executionArn": self.arn, "status": result.status}}
