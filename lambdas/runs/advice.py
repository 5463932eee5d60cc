"""What to do about a run that failed, in a line, for whoever looks at it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lambdas.contract.causes import Diagnosis

_ADVICE = (
    (r"AccessDenied", "Add what the message names to the part's role, or check the role given as role_arn."),
    (r"PartFailed", "Look at the resources in the table; when they are repaired, start the flow again."),
    (r"PartTimeout", "AWS took longer than the part's timeout; look at the resources, then start the flow again."),
    (r"NoMatch", "Check tags, region and account with `nightshift run FLOW --dry-run`."),
    (r"TooManyResources", "Narrow the selection, or give the call max_resources=, if that many are right."),
    (r"InvalidParameter", "Correct the parameter in the flow file or on the command line."),
    (r"Throttled", "AWS asked to slow down for long; start the flow again later, or ask AWS for a higher quota."),
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
