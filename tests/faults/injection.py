"""AWS with one fault: which call it hits, and what happens then."""

from __future__ import annotations

import copy
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from lambdas.outside.sending import Answer, LostError, Sent
from tests.parts.automations import Automations
from tests.parts.driver import Answered, Killed
from tests.parts.managed import ManagedFleet, _error

BEGIN = float(int(time.time()))
"""Now, as moto's S3 and the signatures of URLs have it too; the same in each case."""

READS = ("Describe", "Get", "List", "Head", "Validate")
SPELL = 30
"""Seconds for which AWS throttles or fails: longer than the client's own retries."""

UNSEEN = 10
"""Seconds for which a description is one of before the last change."""

THROTTLED = {
    "ec2": (503, "RequestLimitExceeded"),
    "s3": (503, "SlowDown"),
    "ssm": (400, "ThrottlingException"),
    "sesv2": (429, "TooManyRequestsException"),
}
FAILED = {"ec2": (500, "InternalError"), "s3": (500, "InternalError"), "ssm": (500, "InternalServerError")}
DENIED = {"ec2": (403, "UnauthorizedOperation"), "ssm": (400, "AccessDeniedException")}
UNKNOWN = {
    "DescribeImages": (400, "InvalidAMIID.NotFound"),
    "DescribeInstances": (400, "InvalidInstanceID.NotFound"),
    "DescribeSnapshots": (400, "InvalidSnapshot.NotFound"),
    "DescribeStackEvents": (400, "ValidationError"),
    "DescribeStacks": (400, "ValidationError"),
}
"""What a description by the id of a new resource answers while it is not visible yet."""


class Kind(Enum):
    """The faults of the sweep."""

    THROTTLED = "throttled"
    FAILED = "5xx with nothing done"
    LOST = "done but the response lost"
    KILLED_BEFORE = "Lambda killed right before"
    KILLED_AFTER = "Lambda killed right after"
    DENIED = "access denied"
    UNSEEN = "eventual consistency miss"


_REFUSALS = {Kind.THROTTLED: 429, Kind.FAILED: 503, Kind.DENIED: 403}


class FaultyAws(ManagedFleet):
    """moto's AWS, with a fault from call number `position` on.

    patch: for a scenario; undone when the next one begins. taken: URL and method of what a system beyond AWS took;
    by_key: whether it knows a repetition. invoked: name and payload of what a function was invoked with.
    in_bin: ids of what Recycle Bin holds before the run.
    exits: what a scenario has entered; left when the next one begins.
    effective: whether the fault could have any effect there.
    """

    def __init__(self, root: Path, s3: str) -> None:
        super().__init__(root, s3)
        self.patch = pytest.MonkeyPatch()
        self.exits = ExitStack()
        self.start()

    def start(self, kind: Kind | None = None, position: int = 0) -> None:
        """Begin anew, with this fault."""
        self.clock = BEGIN
        self.left = 250.0
        self.patch.undo()
        self.exits.close()
        self.runs = False
        self.calls.clear()
        self.services: list[tuple[str, str, dict[str, Any]]] = []
        self.hooks.clear()
        self.managed.clear()
        shutil.rmtree(self.root)
        self.root.mkdir()
        self.takes.clear()
        self.taken: list[tuple[str, str]] = []
        self.by_key = False
        self.invoked: list[tuple[str, str]] = []
        self.in_bin: set[str] = set()
        self.commands.clear()
        Automations.__init__(self)
        self.cancelled.clear()
        self.kind, self.position = kind, position
        self.hit: tuple[str, float] | None = None
        self.effective = kind is not Kind.UNSEEN
        self._answers: dict[str, Any] = {}
        self._created: set[str] = set()
        self._changed = False

    def _before_send(self, request: Any, event_name: str = "", **_: Any) -> AWSResponse | None:
        service = event_name.split(".")[1]
        operation, params = self._current
        self.services.append((service, operation, copy.deepcopy(params)))
        if len(self.services) == self.position:
            self.hit = (operation, self.clock)
        if self._holds(operation):
            if self.kind is Kind.KILLED_BEFORE:
                self.kind = None
                raise Killed
            refused = self._refused(service, operation, params)
            if refused:
                self.calls.append((operation, params))
                return _answer(request, service, *refused)
        if not operation.startswith(READS):
            self._changed = True
        return super()._before_send(request, event_name)

    def outside(self) -> Any:
        """Systems beyond AWS, which the faults hit, too."""
        return _Outside(self)

    def beyond(self, url: str, do: Callable[[], None]) -> int:
        """A request to such a system, which `do` carries out: the status of its answer."""
        self.services.append(("http", url, {}))
        if len(self.services) == self.position:
            self.hit = (url, self.clock)
        kind = self.kind if self._holds(url) else None
        if kind in (Kind.KILLED_BEFORE, Kind.KILLED_AFTER, Kind.LOST):
            self.kind = None
        if kind is Kind.KILLED_BEFORE:
            raise Killed
        if kind in _REFUSALS:
            return _REFUSALS[kind]
        do()
        if kind is Kind.KILLED_AFTER:
            raise Killed
        if kind is Kind.LOST:
            raise LostError("the connection was closed")
        return 200

    def _holds(self, operation: str) -> bool:
        """Whether the fault is on for this call."""
        if self.kind is None or self.hit is None or self.hit[0] != operation:
            return False
        return self.kind is Kind.DENIED or self.clock - self.hit[1] < (UNSEEN if self.kind is Kind.UNSEEN else SPELL)

    def _refused(self, service: str, operation: str, params: Any) -> tuple[int, str, str] | None:
        read = operation.startswith(READS)
        if self.kind is Kind.THROTTLED:
            return *THROTTLED.get(service, (400, "Throttling")), "Rate exceeded"
        if self.kind is Kind.FAILED or (self.kind is Kind.LOST and read):
            if self.kind is Kind.LOST:
                self.kind = None
            return *FAILED.get(service, (500, "InternalFailure")), "An internal error has occurred"
        if self.kind is Kind.DENIED:
            action = f"{service}:{operation}"
            return *DENIED.get(service, (403, "AccessDenied")), f"The role is not authorized to perform: {action}"
        asked = json.dumps({k: v for k, v in params.items() if k != "Filters"}, default=str)
        named = sorted(i for i in self._created if i in asked)
        if self.kind is Kind.UNSEEN and operation in UNKNOWN and named:
            self.effective = True
            return *UNKNOWN[operation], f"'{', '.join(named)}' does not exist"
        return None

    def _after(self, http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        super()._after(http_response, parsed, model, context)
        if http_response.status_code >= 300:
            return
        operation = model.name
        if not operation.startswith(READS):
            self._created.update(_ids_of_new(operation, parsed))
        else:
            self._describe(operation, context["test_params"], parsed)
        if self._holds(operation) and self.kind in (Kind.LOST, Kind.KILLED_AFTER):
            kind, self.kind = self.kind, None
            if kind is Kind.KILLED_AFTER:
                raise Killed
            raise ReadTimeoutError(endpoint_url="https://aws.invalid")

    def _describe(self, operation: str, params: Any, parsed: dict[str, Any]) -> None:
        """Note what was described, or describe as before the last change."""
        asked = f"{operation} {json.dumps(params, sort_keys=True, default=str)}"
        if self.kind is Kind.UNSEEN and self._holds(operation) and operation not in ("GetObject", "HeadObject"):
            before = copy.deepcopy(parsed)
            if self._changed and asked in self._answers:
                parsed.clear()
                parsed.update(copy.deepcopy(self._answers[asked]))
            _without(parsed, self._created)
            self.effective |= before != parsed
        else:
            self._answers[asked] = copy.deepcopy(parsed)


@dataclass(frozen=True)
class _Outside:
    """A receiver that keeps what it takes; with `by_key` each idempotency key once."""

    aws: FaultyAws

    def addresses(self, name: str, port: int) -> list[str]:
        return ["192.0.2.1"]

    def send(self, sent: Sent, places: list[str]) -> Answer:
        url = f"https://{sent.host}{sent.path}"
        what = url, f"{sent.method} {sent.headers.get('idempotency-key')}"

        def take() -> None:
            if sent.method != "GET" and not (self.aws.by_key and what in self.aws.taken):
                self.aws.taken.append(what)

        return Answer(self.aws.beyond(url, take), {}, b"")


def _answer(request: Any, service: str, status: int, code: str, message: str) -> AWSResponse:
    body = _error("ssm" if service == "sesv2" else service, code, message)
    # botocore asks all handlers and takes the first answer: keep moto from carrying the request out.
    request.url = "https://refused.invalid/"
    return AWSResponse(request.url, status, HTTPHeaders.from_dict({"x-amzn-errortype": code}), Answered(body.encode()))


def _ids_of_new(operation: str, parsed: dict[str, Any]) -> Iterator[str]:
    """The ids of what a call has created."""
    if operation.startswith(("Create", "Copy")):
        yield from (str(parsed[key]) for key in ("SnapshotId", "ImageId", "StackId") if key in parsed)
        for kind in ("DBSnapshot", "DBClusterSnapshot"):
            if kind in parsed:
                yield parsed[kind][f"{kind}Identifier"]
    if operation == "CreateSnapshots":
        yield from (snapshot["SnapshotId"] for snapshot in parsed["Snapshots"])
    if operation == "CreateVolume":
        yield parsed["VolumeId"]
    if operation == "SendCommand":
        yield parsed["Command"]["CommandId"]
    if operation in ("SubmitJob", "StartJobRun"):
        yield parsed["jobId"] if operation == "SubmitJob" else parsed["JobRunId"]
    if operation == "StartInstanceRefresh":
        yield parsed["InstanceRefreshId"]
    if operation == "RunTask":
        yield from (task["taskArn"] for task in parsed["tasks"])


def _without(value: Any, ids: set[str]) -> None:
    """Take what has one of `ids` out of the lists in `value`."""
    if isinstance(value, dict):
        for inner in value.values():
            _without(inner, ids)
    elif isinstance(value, list):
        own = (
            "SnapshotId",
            "ImageId",
            "StackId",
            "CommandId",
            "VolumeId",
            "DBSnapshotIdentifier",
            "DBClusterSnapshotIdentifier",
            "taskArn",
            "jobId",
            "InstanceRefreshId",
            "Id",
        )
        value[:] = [v for v in value if not (isinstance(v, dict) and any(v.get(key) in ids for key in own))]
        for inner in value:
            _without(inner, ids)
