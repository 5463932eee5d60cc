"""What to do about an AWS error code, or a run that failed, in a line, for whoever reads the mail or the dashboard at
night."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lambdas.contract.causes import Diagnosis

_HINTS = {
    "IncorrectInstanceState": "Look at the state of the instance; something else may be changing it.",
    "IncorrectState": "Look at the state of the volume; a new one may still be creating, a broken one needs replacing.",
    "InsufficientInstanceCapacity": "AWS has no capacity for this type in this zone now. Run the flow again later, or "
    "change the instance type.",
    "InvalidInstanceID.Malformed": "Correct the instance id in the flow.",
    "InvalidInstanceID.NotFound": "Check the id, the region and the account; if the instance is gone, take it out.",
    "InvalidSnapshot.NotFound": "Somebody deleted the snapshot while it was being made. Run the flow again.",
    "InvalidVolume.NotFound": "Check the id, the region and the account; if the volume is gone, take it out.",
    "OperationNotPermitted": "The resource is protected (stop protection, lock). Lift the protection, or exclude it.",
    "SnapshotError": "Usually the encryption key of the volume is disabled or not permitted. Check the key, then run "
    "the flow again.",
    "SnapshotLimitExceeded": "The account holds as many snapshots as its quota allows. Delete some or raise the quota.",
    "Timeout": "Look at the resource in the console; when it is healthy, run the flow again, or raise the timeout.",
    "UnauthorizedOperation": "The role of the part lacks this permission, or a policy of the organisation forbids it.",
    "UnsupportedHibernationConfiguration": "Stop it without hibernate, or launch it anew with hibernation configured.",
    "VcpuLimitExceeded": "The vCPU quota of the account is used up. Stop something or raise the quota.",
}
_FAMILIES = (
    (
        "Client.",
        "The instance could not boot: often the key of an encrypted volume is disabled. Check it, start again.",
    ),
    ("Server.", "AWS could not start the instance: often no capacity. Start it again later."),
    ("Insufficient", "AWS has no capacity now. Run the flow again later."),
    ("InvalidSnapshot", "Look at the snapshot in the console."),
)
_OTHERWISE = "Look at the resource in the console; when it is repaired, run the flow again."


def hint(error: str, own: Mapping[str, str] | None = None) -> str:
    """What to do about an AWS error code. own: what the part that met it says of its codes."""
    if own and error in own:
        return own[error]
    if error in _HINTS:
        return _HINTS[error]
    return next((text for prefix, text in _FAMILIES if error.startswith(prefix)), _OTHERWISE)


_ADVICE = (
    (r"AccessDenied", "Add what the message names to the part's role, or check the role given as role_arn."),
    (r"PartFailed", "Look at the resources that failed; when they are repaired, start the flow again."),
    (
        r"FanOutStopped",
        "Look at what failed, or at the alarm; when that is repaired, start the flow again for what was not started.",
    ),
    (r"PartTimeout", "AWS took longer than the part's timeout; look at the resources, then start the flow again."),
    (r"NoMatch", "Check tags, region and account with `nightshift run FLOW --dry-run`."),
    (r"TooManyResources", "Narrow the selection, or give the call max_resources=, if that many are right."),
    (r"InvalidParameter", "Correct the parameter in the flow file or on the command line."),
    (r"Throttled", "AWS asked to slow down for long; start the flow again later, or ask AWS for a higher quota."),
    (r"Unavailable", "AWS did not answer; look at the AWS Health Dashboard, then start the flow again."),
    (r"ServiceError", "Look up the error code of AWS in the message; when its reason is gone, start the flow again."),
    (r"States\.Timeout", "The flow took longer than its timeout; raise `timeout` in @flow or find the slow step."),
    (r"States\.DataLimitExceeded", "A value is larger than 256 KiB; give the part a narrower selection."),
    (r"Lambda\..*|Sandbox\.Timedout|Runtime\..*", "The function itself failed; its CloudWatch log says why."),
    (
        r"States\.(Runtime|QueryEvaluationError)",
        "The state machine could not compute a value; please report it with the flow and this message.",
    ),
)

_MOST_CODES = 3


def advice(error: str, status: str, failures: Iterable[Diagnosis] = ()) -> str:
    """What to do about a run that ended with this ASL error name, or status; empty when nothing is known.

    failures: the resources that made it end with PartFailed. Of them it is what each of their error codes asks for.
    """
    if status == "ABORTED":
        return "Somebody stopped the run; clean-up steps did not run. Look at what it had changed."
    if status == "TIMED_OUT":
        error = "States.Timeout"
    hints = {failure.error: failure.hint for failure in failures} if error == "PartFailed" else {}
    if len(hints) == 1:
        return next(iter(hints.values()))
    if hints:
        return "\n".join(f"{code}: {text}" for code, text in list(hints.items())[:_MOST_CODES])
    return next((text for pattern, text in _ADVICE if re.fullmatch(pattern, error)), "")
