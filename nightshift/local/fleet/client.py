"""Control of a fleet from outside: its clock, its faults, what it was asked, what it holds."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.config import Config

from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.json_http import get, post
from nightshift.local.processes import free_ports, start, wait_ready


class FleetControl:
    """The control endpoints of one fleet's server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def now(self) -> float:
        """Seconds since the epoch, on the fleet's clock."""
        return float(get(self._at("clock"))["now"])

    def advance(self, seconds: float) -> None:
        """Put the fleet's clock forward; what falls due happens."""
        post(self._at("clock"), {"seconds": seconds})

    def settle(self) -> None:
        """Let every change of state that is under way arrive now."""
        post(self._at("settle"), {})

    def reset(self) -> None:
        """Empty the fleet and forget its faults and calls."""
        post(self._at("reset"), {})

    def strict(self, on: bool) -> None:
        """Switch API throttling and eventual consistency on or off."""
        post(self._at("settings"), {"strict": on})

    def execute_commands(self, on: bool) -> None:
        """Let commands sent by Systems Manager be executed, by this machine's shell, or only simulated."""
        post(self._at("settings"), {"executes": on})

    def add_fault(self, kind: str, **where: Any) -> dict[str, Any]:
        """Lay a fault on resources; kinds and parameters are those of `nightshift.local.fleet.faults`.

        Raises urllib.error.HTTPError for a fault that does not exist.
        """
        answer: dict[str, Any] = post(self._at("faults"), {"kind": kind, **where})
        return answer

    @contextmanager
    def fault(self, kind: str, **where: Any) -> Iterator[None]:
        """Lay a fault, as `add_fault` does, for as long as the `with` block lasts; then all faults are taken away."""
        self.add_fault(kind, **where)
        try:
            yield
        finally:
            self.clear_faults()

    def faults(self) -> list[dict[str, Any]]:
        """The faults, spent ones too."""
        return list(get(self._at("faults")))

    def clear_faults(self) -> None:
        """Take all faults away."""
        post(self._at("faults"), {}, method="DELETE")

    def retain(self, days: float, tag: str = "") -> None:
        """Have Recycle Bin keep deleted snapshots and images for so many days. tag: "Key=Value", only those with it."""
        post(self._at("retention"), {"days": days, "tag": tag})

    def calls(self) -> list[tuple[str, str, str]]:
        """The requests received: service, action, error code or ""."""
        return [tuple(call) for call in get(self._at("calls"))]

    def trail(self) -> list[dict[str, Any]]:
        """The requests that roles have made, oldest first, as CloudTrail tells of them."""
        return list(get(self._at("trail")))

    def forget_calls(self) -> None:
        """Begin to record calls anew."""
        post(self._at("calls"), {}, method="DELETE")

    def world(self) -> dict[str, dict[str, Any]]:
        """Every instance, volume, snapshot and image of all Regions by id, to compare before and after."""
        answer: dict[str, dict[str, Any]] = get(self._at("world"))
        return answer

    def client(self, service: str = "ec2", region: str = REGION, config: Config | None = None) -> Any:
        """A boto3 client of this fleet."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="local",
            config=config,
        )

    def _at(self, what: str) -> str:
        return f"{self.url}/_nightshift/{what}"


@contextmanager
def run_fleet(*, speed: float = 0.0, strict: bool = False) -> Iterator[FleetControl]:
    """Run a fleet in a process of its own, for as long as the context lasts.

    speed: how many times as fast as the wall clock; 0: the clock stands still until `advance`.
    strict: with API throttling and eventual consistency.
    """
    [port] = free_ports(1)
    command = ["-m", "nightshift.local.fleet", "--port", str(port), "--speed", str(speed)]
    with TemporaryDirectory() as folder:
        log = Path(folder) / "fleet.log"
        env = {**os.environ, "TMPDIR": folder}
        server = start("fleet", command, port=port, log=log, token=secrets.token_hex(8), env=env)
        try:
            wait_ready(server, "/_nightshift/health")
            control = FleetControl(server.url)
            control.strict(strict)
            yield control
        finally:
            server.stop()
