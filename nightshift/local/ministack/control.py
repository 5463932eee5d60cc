"""What the rest of the local AWS asks of the running MiniStack beyond AWS's own APIs, under /_nightshift/."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from ministack.core.responses import request_scope  # type: ignore[import-untyped]
from ministack.services import eventbridge  # type: ignore[import-untyped]

from nightshift.local.json_http import refusal
from nightshift.local.ministack import access
from nightshift.local.ministack.quotas import Quotas, set_concurrency
from nightshift.local.ministack.scheduler import Scheduler

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def with_control(app: App, scheduler: Scheduler, limits: Quotas) -> App:
    """`app` for programs of this machine and no page in a browser, with further paths under /_nightshift/ in front.

    GET and POST: scheduler and quotas. POST: events, access and credentials.

    GET gives {"now": ..., "next": {"group/name": ...}, "delivered": {"group/name": how many times}}. POST
    {"now": ISO 8601} sets the schedules' clock, {"deliveries": 2} has each invocation delivered twice from then on.
    Of the quotas GET gives {"asked": {action: requests}, "throttled": {action: how many of them were refused}} of Step
    Functions. POST {"speed": 1} fills its buckets and has them refill so many times as fast as on AWS,
    {"concurrency": 10} lets so many functions run at once.
    What access and credentials take and give is said in `access.answer` and `access.of_function`.
    An event is posted as targets get it; also one of AWS's own, which PutEvents takes from nobody.
    """

    def schedules(asked: dict[str, Any]) -> dict[str, Any]:
        scheduler.targets.deliveries = asked.get("deliveries", scheduler.targets.deliveries)
        if "now" in asked:
            scheduler.set_clock(datetime.fromisoformat(asked["now"]))
        return {
            "now": scheduler.now().isoformat(),
            "next": scheduler.next_fire_times(),
            "delivered": scheduler.targets.delivered,
        }

    def account(asked: dict[str, Any]) -> dict[str, Any]:
        if "speed" in asked:
            limits.refill(asked["speed"])
        if "concurrency" in asked:
            set_concurrency(asked["concurrency"])
        return {"asked": limits.asked, "throttled": limits.throttled}

    answers = {
        "/_nightshift/scheduler": schedules,
        "/_nightshift/quotas": account,
        "/_nightshift/events": _publish,
        "/_nightshift/access": access.answer,
        "/_nightshift/credentials": access.of_function,
    }

    async def control(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refused := refusal({k.decode(): v.decode() for k, v in scope["headers"]})):
            await send({"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": refused.encode()})
            return
        if scope["type"] != "http" or scope["path"] not in answers:
            await app(scope, receive, send)
            return
        asked = json.loads(await _body(receive)) if scope["method"] == "POST" else {}
        answer = answers[scope["path"]](asked)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    return control


def _publish(event: dict[str, Any]) -> dict[str, Any]:
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event["resources"],
    }
    with request_scope(event["account"], event["region"]):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    return {}


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
