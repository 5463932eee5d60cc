"""What CloudTrail would tell of a request: who made it, in which account and Region, and how it ended.

Source: "CloudTrail record contents for management, data, and network activity events" (AWS CloudTrail User Guide).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from nightshift.local.fleet.access.asked import Asked
from nightshift.local.fleet.world import World

_SESSION = re.compile(r"arn:[^:]+:sts::(\d{12}):assumed-role/([^/]+)/(.+)")
_ERROR = re.compile(rb'<Code>(\w[\w.]*)</Code>|"__type": ?"(?:[^"#]*#)?(\w+)"')
_FAILED = 400


def event(asked: Asked, principal: str, now: float, code: str = "") -> dict[str, Any]:
    """The record of a request of a role. principal: the ARN of its session. now: seconds since the epoch."""
    account, role, _ = found.groups() if (found := _SESSION.fullmatch(principal)) else (asked.account, "", "")
    who = {
        "type": "AssumedRole",
        "arn": principal,
        "accountId": account,
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role, "accountId": account}},
    }
    made = {
        "eventTime": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{asked.service}.amazonaws.com",
        "eventName": asked.action,
        "awsRegion": asked.region,
        "recipientAccountId": asked.account,
        "userIdentity": who,
    }
    return {**made, "errorCode": code} if code else made


def recorded(
    app: Any, world: World, asked: Asked, principal: str, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """What `app` answers, with a record of it."""
    status = 200

    def start(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        nonlocal status
        status = int(line.split(maxsplit=1)[0])
        return start_response(line, headers, *more)

    answered = list(app(environ, start))
    found = _ERROR.search(b"".join(answered)) if status >= _FAILED else None
    code = (found[1] or found[2]).decode() if found else str(status) if status >= _FAILED else ""
    with world.lock:
        world.trail.append(event(asked, principal, world.now(), code))
    return answered
