"""Drives a part through its contract, as the state machine does, on a clock that only the waits advance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from lambdas.contract.part import Part, Run
from lambdas.runtime.clients import AwsClients

STATE_LIMIT = 256 * 1024

JSON_SERVICES = (
    "batch",
    "cloudwatch",
    "cloudwatch-logs",
    "ecs",
    "eventbridge",
    "glue",
    "kms",
    "lambda",
    "organizations",
    "secrets-manager",
    "sfn",
    "sqs",
    "ssm",
)
"""Services whose errors are JSON, as botocore's events name them."""


class Killed(BaseException):
    """The Lambda worker dies here."""


@dataclass
class Fault:
    """What happens at calls of an operation, counted from 1.

    do: gets the parameters; raises, or returns a (status, error code, message) that the client gets instead of
        calling AWS, or None to let the call go on.
    after: called when AWS has done it; raises to lose the answer.
    """

    do: Callable[[dict[str, Any]], tuple[int, str, str] | None] = lambda params: None
    after: Callable[[dict[str, Any], dict[str, Any]], None] = lambda params, answer: None


@dataclass
class Answered:
    """A raw HTTP response for botocore."""

    body: bytes

    def stream(self, **_: Any) -> Any:
        yield self.body

    def read(self, **_: Any) -> bytes:
        return self.body


@cache
def shared_session() -> botocore.session.Session:
    """One session for all tests: reading the models of the services anew in each would take most of their time."""
    return botocore.session.Session()


def client(service: str, region: str = "us-east-1") -> Any:
    """A client of its own, whose calls are not counted: much cheaper than a new session's."""
    return shared_session().create_client(service, region_name=region)


class TestAws(AwsClients):
    """The clients that parts get in Lambda, with a clock of their own, a log of the API calls, and faults."""

    __test__ = False

    def __init__(self) -> None:
        super().__init__(shared_session(), region="us-east-1")
        self.clock = 1_800_000_000.0
        self.left = 60.0
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, Fault] = {}
        self._heard: list[Any] = []
        self.hooks: list[Callable[[str, dict[str, Any], dict[str, Any]], None]] = []

    def now(self) -> float:
        return self.clock

    def remaining(self) -> float:
        return self.left

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        role_arn: str | None = None,
        credentials_secret: str | None = None,
    ) -> Any:
        client = super().client(service, region=region, role_arn=role_arn, credentials_secret=credentials_secret)
        if client not in self._heard:
            self._heard.append(client)
            events = client.meta.events
            events.register_first("provide-client-params.*.*", self._params)
            events.register_first("before-send.*.*", self._before_send)
            events.register_last("after-call.*.*", self._after)
        return client

    def count(self) -> Counter[str]:
        """API calls so far, by operation."""
        return Counter(operation for operation, _ in self.calls)

    def made(self, operation: str) -> list[dict[str, Any]]:
        """Parameters of the calls of `operation`."""
        return [params for name, params in self.calls if name == operation]

    def _params(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context["test_params"] = params
        self._current = (model.name, params)

    def _before_send(self, request: Any, event_name: str = "", **_: Any) -> AWSResponse | None:
        operation, params = self._current
        self.calls.append((operation, params))
        fault = self.faults.get(operation)
        refused = fault.do(params) if fault else None
        if refused is None:
            return None
        status, code, message = refused
        body = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            "<RequestID>test</RequestID></Response>"
        )
        service = event_name.split(".")[1]
        if service == "route-53":
            body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        if service in JSON_SERVICES:
            body = json.dumps({"__type": code, "message": message})
        # botocore asks all handlers and takes the first answer: keep moto from carrying the request out.
        request.url = "https://refused.invalid/"
        return AWSResponse(request.url, status, HTTPHeaders(), Answered(body.encode()))

    def _after(self, http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        params = context["test_params"]
        if http_response.status_code < 300:
            for hook in self.hooks:
                hook(model.name, params, parsed)
            if model.name in self.faults:
                self.faults[model.name].after(params, parsed)


@dataclass
class Outcome:
    """What the state machine saw."""

    result: dict[str, Any]
    waits: list[int] = field(default_factory=list)
    largest_state: int = 0
    deaths: int = 0


RUN = Run(
    id="arn:aws:states:us-east-1:123456789012:execution:nightshift-night:run-1",
    flow="night",
    step="step_1",
    call=1,
    started="2027-01-15T08:00:00Z",
)


def drive(
    part: Part[..., Any],
    aws: TestAws,
    params: dict[str, Any],
    *,
    run: Run = RUN,
    before: Callable[[int], None] = lambda invocation: None,
    limit: int = 300,
    state: Any = None,
) -> Outcome:
    """Invoke `part` until it is done, waiting on the test's clock; a killed worker is retried with the same request.

    before: called before each invocation with its number, from 0.
    state: what the first invocation goes on from; see `noted`.
    """
    outcome = Outcome({})
    for invocation in range(limit):
        before(invocation)
        try:
            reply = json.loads(json.dumps(part.invoke(aws, run, params, state)))
        except Killed:
            outcome.deaths += 1
            aws.clock += 2
            continue
        if reply["done"]:
            outcome.result = reply["result"]
            return outcome
        assert isinstance(reply["wait"], int)
        assert reply["wait"] >= 1
        state = reply["state"]
        outcome.largest_state = max(outcome.largest_state, len(json.dumps(state)))
        outcome.waits.append(reply["wait"])
        aws.clock += reply["wait"]
    raise AssertionError(f"{part.name} was not done after {limit} invocations")


def noted(aws: TestAws, state: dict[str, Any]) -> dict[str, Any]:
    """The state of a call that has begun now, around the state of its part."""
    return {"started": aws.now(), "looks": 1, "part": state, "waiting_for": "what was awaited"}


def invoke(part: Part[..., Any], aws: TestAws, params: dict[str, Any], count: int) -> None:
    """The first invocations of a call that is not done by then."""
    state: Any = None
    for _ in range(count):
        state = part.invoke(aws, RUN, params, state)["state"]
        aws.clock += 1


def times(count: int, refused: tuple[int, str, str]) -> Fault:
    """Refuse the first `count` calls."""
    left = [count]

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        left[0] -= 1
        return refused if left[0] >= 0 else None

    return Fault(do)


THROTTLED = (503, "RequestLimitExceeded", "Request limit exceeded.")


def not_found(absent: list[str]) -> Fault:
    """Refuse descriptions by id that hold one of `absent`, naming all of those, as EC2 does (moto names one)."""

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        named = [i for i in params.get("InstanceIds", []) if i in absent]
        text = f"The instance IDs '{', '.join(named)}' do not exist"
        return (400, "InvalidInstanceID.NotFound", text) if named else None

    return Fault(do)
