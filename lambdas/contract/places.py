"""Where a run is found: its page in the AWS console, the folder of a call in the results bucket."""

from __future__ import annotations

import re

from lambdas.contract.part import Run

_DOMAINS = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}


def console_url(execution: str) -> str:
    """The page of an execution in the AWS console; "" when `execution` is no ARN of one."""
    match = re.fullmatch(r"arn:(aws[a-z-]*):states:([a-z0-9-]+):\d*:.+", execution)
    if not match:
        return ""
    domain = _DOMAINS.get(match[1], "aws.amazon.com")
    return f"https://{match[2]}.console.{domain}/states/home?region={match[2]}#/v2/executions/details/{execution}"


def results_folder(run: Run) -> str:
    """The folder of a call in the results bucket."""
    execution = run.id.rpartition(":")[2] or "run"
    return "/".join(key_safe(p) for p in ("results", run.flow, execution, run.key))


def key_safe(text: str) -> str:
    """`text` with what the key of an object had better not hold replaced."""
    return re.sub(r"[^A-Za-z0-9_./=-]", "_", text)
