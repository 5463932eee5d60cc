"""The end of a log stream, for the result of a part that has run something."""

from __future__ import annotations

from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.part import Call

TAIL = 2000
"""Characters of output in a result."""

_LINES = 200


def log_tail(call: Call, group: str, stream: str, region: str = "") -> tuple[str, str]:
    """The last characters of a stream, and why they could not be read, or "".

    A container that wrote nothing has no stream: its tail is empty. region: that of the group, when it is another.
    Raises what AWS answers when it throttles or fails, so that the part is invoked again.
    """
    client: Any = call.client("logs", region=region or None)
    try:
        answer = client.get_log_events(logGroupName=group, logStreamName=stream, limit=_LINES, startFromHead=False)
    except Exception as error:
        code = aws_errors.code(error)
        if not code or aws_errors.is_temporary(error):
            raise
        if code == "ResourceNotFoundException":
            return "", ""
        return "", f"the log stream {stream} of {group} could not be read: {code}: {aws_errors.message(error)}"
    text = "\n".join(event["message"].rstrip("\n") for event in answer["events"])
    return text[-TAIL:].strip(), ""
