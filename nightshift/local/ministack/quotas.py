"""The quotas of an account: how often Step Functions is asked, and how many functions run at once.

MiniStack answers Step Functions' requests as fast as they come. On AWS each action has a bucket of tokens that refills
at a steady rate, and a request that finds it empty is refused with ThrottlingException ("Quotas related to API action
throttling", Step Functions Developer Guide; "Common Errors", Step Functions API Reference). Functions get 1,000
concurrent executions, of which a new account has ten ("Lambda quotas", Lambda Developer Guide).
"""

from __future__ import annotations

import contextvars
import json
import logging
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ministack.services import eventbridge, lambda_svc, stepfunctions  # type: ignore[import-untyped]

logger = logging.getLogger("nightshift.quotas")

_LONGEST_PAUSE = 1.0
"""Seconds until a throttled function is tried again."""

BUCKETS = {
    "DescribeExecution": (250, 10),
    "DescribeStateMachine": (200, 20),
    "DescribeStateMachineForExecution": (200, 1),
    "GetExecutionHistory": (400, 20),
    "ListExecutions": (100, 2),
    "ListStateMachines": (100, 5),
    "StartExecution": (800, 150),
    "StopExecution": (500, 25),
}
"""Action -> size of its bucket and tokens a second, in all Regions but the three largest."""


@dataclass
class Bucket:
    """A bucket of tokens, full at first."""

    size: float
    per_second: float
    tokens: float
    since: float

    def take(self, now: float) -> bool:
        """Take a token at a moment (seconds); False when there is none."""
        self.tokens = min(self.size, self.tokens + (now - self.since) * self.per_second)
        self.since = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Quotas:
    """What an account may ask. asked, throttled: how many requests there were of each action, and were refused."""

    def __init__(self, speed: float) -> None:
        self.asked: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.refill(speed)

    def refill(self, speed: float) -> None:
        """Fill all buckets; from now on they refill `speed` times as fast as on AWS."""
        now = time.monotonic()
        with self._lock:
            self._buckets = {name: Bucket(size, rate * speed, size, now) for name, (size, rate) in BUCKETS.items()}

    def admit(self, action: str) -> bool:
        """Whether a request of an action is answered."""
        with self._lock:
            self.asked[action] += 1
            bucket = self._buckets.get(action)
            admitted = bucket is None or bucket.take(time.monotonic())
            self.throttled[action] += not admitted
        return admitted


def patch(speed: float) -> Quotas:
    """Hold Step Functions' answers to the quotas. speed: how many times faster than the wall clock time passes."""
    quotas = Quotas(speed)
    handle = stepfunctions.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: Any, query: Any) -> Any:
        if not quotas.admit(headers.get("x-amz-target", "").rpartition(".")[2]):
            return stepfunctions.error_response_json("ThrottlingException", "Rate exceeded", 400)
        return await handle(method, path, headers, body, query)

    stepfunctions.handle_request = handle_request
    eventbridge._dispatch_to_lambda = _tell_function
    call = stepfunctions._call_lambda

    def call_lambda(function: Any, event: Any) -> Any:
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            raise _named(error) from None

    stepfunctions._call_lambda = call_lambda
    return quotas


def _named(error: Any) -> Any:
    """An error of a task under the name it has on AWS when the function was throttled, which MiniStack calls unknown.

    Source: "Handle transient Lambda service exceptions" (Step Functions Developer Guide, best practices).
    """
    if error.error == "Lambda.Unknown" and '"TooManyRequestsException"' in error.cause:
        return stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause)
    return error


def _tell_function(arn: str, payload: str) -> None:
    """Hand an event to a function; one that is throttled gets it later.

    MiniStack drops it then. Lambda keeps trying for six hours ("How Lambda handles errors and retries with asynchronous
    invocation", Lambda Developer Guide).
    """
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        logger.warning("there is no function %s for the event", name)
        return
    record, event = lambda_svc._execution_record_for_config(function, config), json.loads(payload)

    def deliver() -> None:
        while lambda_svc._execute_function_with_config_scope(record, event).get("throttle"):
            time.sleep(random.uniform(0, _LONGEST_PAUSE))

    threading.Thread(target=contextvars.copy_context().run, args=(deliver,), daemon=True).start()


def set_concurrency(executions: int) -> None:
    """Let at most so many functions run at once in all of the account; 0 is no limit."""
    lambda_svc._ACCOUNT_CONCURRENCY_CAP = executions
