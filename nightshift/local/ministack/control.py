"""What the local command asks of the running MiniStack beyond AWS's own APIs, under /_nightshift/."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from nightshift.local.ministack.schedules import Scheduler

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def with_control(app: App, scheduler: Scheduler) -> App:
    """`app` with GET and POST /_nightshift/scheduler in front.

    GET gives {"now": ..., "next": {"group/name": ...}, "delivered": {"group/name": how many times}}. POST
    {"now": ISO 8601} sets the schedules' clock, {"deliveries": 2} has each invocation delivered twice from then on.
    """

    async def control(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/_nightshift/scheduler":
            await app(scope, receive, send)
            return
        if scope["method"] == "POST":
            asked = json.loads(await _body(receive))
            scheduler.targets.deliveries = asked.get("deliveries", scheduler.targets.deliveries)
            if "now" in asked:
                scheduler.set_clock(datetime.fromisoformat(asked["now"]))
        answer = {
            "now": scheduler.now().isoformat(),
            "next": scheduler.next_fire_times(),
            "delivered": scheduler.targets.delivered,
        }
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    return control


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
