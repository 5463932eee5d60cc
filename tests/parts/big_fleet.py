"""Ten thousand instances behind the EC2 query protocol, answered at the HTTP layer: moto takes minutes for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from tests.parts.driver import Answered, TestAws

CODES = {"pending": 0, "running": 16, "stopping": 64, "stopped": 80}


class BigFleet(TestAws):
    """`count` instances in one state, whose state changes take 30 s.

    bucket: tokens for starts and stops, one for an instance; rate: tokens a second.
    refused: ids that a start or stop refuses, all named in one error, unless `names_refused` is False.
    """

    def __init__(self, count: int, state: str, *, bucket: float = float("inf"), rate: float = 0) -> None:
        super().__init__()
        self.ids = [f"i-{n * 0x9E3779B97F4A7C15 % 16**17:017x}" for n in range(1, count + 1)]
        self.state = dict.fromkeys(self.ids, state)
        self.until: dict[str, tuple[float, str]] = {}
        self.bucket = self.tokens = bucket
        self.rate = rate
        self.at = self.clock
        self.refused: set[str] = set()
        self.names_refused = True
        self.throttled = 0

    def _before_send(self, request: Any, event_name: str = "", **_: Any) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        params = dict(parse_qsl(body, keep_blank_values=True))
        self.calls.append((params["Action"], self._current[1]))
        status, text = getattr(self, params["Action"])(params)
        return AWSResponse(request.url, status, HTTPHeaders(), Answered(text.encode()))

    def _ids(self, params: dict[str, str]) -> list[str]:
        return [v for k, v in params.items() if re.fullmatch(r"InstanceId\.\d+", k)]

    def _now(self, instance_id: str) -> str:
        if instance_id in self.until:
            moment, state = self.until[instance_id]
            if self.clock >= moment:
                self.state[instance_id] = state
                del self.until[instance_id]
        return self.state[instance_id]

    def _page(self, params: dict[str, str]) -> tuple[list[str], str]:
        ids = self._ids(params)
        assert len(ids) <= 1000
        if ids:
            assert "MaxResults" not in params
            return ids, ""
        size, start = int(params["MaxResults"]), int(params.get("NextToken") or 0)
        assert size <= 1000
        end = start + size
        return self.ids[start:end], f"<nextToken>{end}</nextToken>" if end < len(self.ids) else ""

    def DescribeInstances(self, params: dict[str, str]) -> tuple[int, str]:  # noqa: N802
        ids, token = self._page(params)
        items = "".join(self._item(i) for i in ids)
        return 200, (
            "<DescribeInstancesResponse><reservationSet><item><instancesSet>"
            f"{items}</instancesSet></item></reservationSet>{token}</DescribeInstancesResponse>"
        )

    def _item(self, instance_id: str) -> str:
        state = self._now(instance_id)
        return (
            f"<item><instanceId>{instance_id}</instanceId><instanceType>m5.large</instanceType>"
            f"<instanceState><code>{CODES[state]}</code><name>{state}</name></instanceState>"
            "<tagSet><item><key>AutoOff</key><value>yes</value></item></tagSet></item>"
        )

    def DescribeInstanceStatus(self, params: dict[str, str]) -> tuple[int, str]:  # noqa: N802
        assert len(self._ids(params)) <= 100
        ids, token = self._page(params)
        items = "".join(
            f"<item><instanceId>{i}</instanceId><instanceState><code>16</code><name>running</name></instanceState>"
            "<systemStatus><status>ok</status></systemStatus><instanceStatus><status>ok</status></instanceStatus></item>"
            for i in ids
            if self._now(i) == "running"
        )
        return 200, (
            f"<DescribeInstanceStatusResponse><instanceStatusSet>{items}</instanceStatusSet>{token}"
            "</DescribeInstanceStatusResponse>"
        )

    def StartInstances(self, params: dict[str, str]) -> tuple[int, str]:  # noqa: N802
        return self._change(params, "StartInstances", "pending", "running")

    def StopInstances(self, params: dict[str, str]) -> tuple[int, str]:  # noqa: N802
        return self._change(params, "StopInstances", "stopping", "stopped")

    def _change(self, params: dict[str, str], action: str, moving: str, after: str) -> tuple[int, str]:
        ids = self._ids(params)
        self.tokens = min(self.bucket, self.tokens + (self.clock - self.at) * self.rate) if self.rate else self.tokens
        self.at = self.clock
        if len(ids) > self.tokens:
            self.throttled += 1
            return self._error(503, "RequestLimitExceeded", "Request limit exceeded.")
        bad = [i for i in ids if i in self.refused]
        if bad and not self.names_refused:
            return self._error(400, "OperationNotPermitted", "An instance may not be changed.")
        if bad:
            return self._error(400, "OperationNotPermitted", f"The instances '{', '.join(bad)}' may not be changed.")
        self.tokens -= len(ids)
        for i in ids:
            self.state[i] = moving
            self.until[i] = (self.clock + 30, after)
        return 200, f"<{action}Response><instancesSet/></{action}Response>"

    @staticmethod
    def _error(status: int, code: str, message: str) -> tuple[int, str]:
        return status, (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            "<RequestID>r</RequestID></Response>"
        )

    def in_state(self, state: str) -> Iterator[str]:
        return (i for i in self.ids if self._now(i) == state)
