"""Sessions whose clients reach a local AWS or a fleet, and never AWS itself: what `nightshift.local_run` runs on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session

from lambdas.contract.errors import NightshiftError
from lambdas.runtime.clients import AwsClients
from nightshift.local.account import ACCOUNT, REGION

if TYPE_CHECKING:
    from nightshift.local.aws import LocalAws
    from nightshift.local.fleet.client import FleetControl

Reached = tuple[AwsClients, Callable[[float], None]]
"""Clients with their clock, and how a number of seconds passes on it."""


class WouldReachAws(NightshiftError):
    """What was given leads to AWS itself, and AWS was not named."""


class LocalSession(botocore.session.Session):
    """A botocore session whose clients go to fixed endpoints, whatever the environment says.

    endpoints: URL by service; "*" is every other service.
    """

    def __init__(self, endpoints: Mapping[str, str], account: str = ACCOUNT, region: str = REGION) -> None:
        super().__init__()
        self._endpoints = endpoints
        self._account, self._region = account, region
        self.set_credentials(account, "local")
        self.set_config_variable("region", region)

    def create_client(self, service_name: str, *args: Any, **given: Any) -> Any:
        """As botocore's; an endpoint that is given goes first."""
        if given.get("endpoint_url") is None:
            given["endpoint_url"] = self._endpoints.get(service_name, self._endpoints["*"])
        return super().create_client(service_name, *args, **given)

    def another(self) -> LocalSession:
        """One to the same endpoints, for the credentials of a role."""
        return LocalSession(self._endpoints, self._account, self._region)


def reach(to: Any, region: str | None) -> Reached:
    """The clients for a run that must not reach AWS.

    to: a local AWS, a fleet, or a session of one; None is the local AWS of the current folder.
    Raises WouldReachAws for any other session, NotRunning when there is no local AWS.
    """
    from nightshift.local.aws import LocalAws
    from nightshift.local.fleet.client import FleetControl

    if isinstance(to, FleetControl):
        return _FleetClients(to, region), to.advance
    session = getattr(to, "_session", to)
    if isinstance(session, LocalSession):
        return AwsClients(session, region=region), time.sleep
    if to is not None and not isinstance(to, LocalAws):
        raise WouldReachAws(
            "local_run was given a session that leads to AWS itself; give it a fleet or a local AWS, "
            'or name AWS: local_run(session, target="aws")'
        )
    local: LocalAws = to if to is not None else _here()
    return AwsClients(local.botocore_session(), region=region), lambda seconds: time.sleep(seconds / local.speed)


class _FleetClients(AwsClients):
    """Clients of one fleet, with its clock."""

    def __init__(self, fleet: FleetControl, region: str | None) -> None:
        super().__init__(LocalSession({"*": fleet.url}), region=region)
        self._fleet = fleet

    def now(self) -> float:
        """Seconds since the epoch, on the fleet's clock."""
        return self._fleet.now()


def _here() -> LocalAws:
    from nightshift.local.errors import NotRunning
    from nightshift.local.lifecycle import status

    local = status(Path.cwd())
    if local is None or local.dead:
        raise NotRunning(
            "local_run runs on the local AWS of the current folder, and none is running there; start it with "
            '`nightshift up`, give a fleet (nightshift.local.fleet.client.run_fleet), or name AWS: target="aws"'
        )
    return local
