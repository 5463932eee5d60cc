"""Starts the servers of a local AWS."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from lambdas.contract.waits import SPEED_VARIABLE
from lambdas.runs.app_names import AppNames
from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.aws import LocalAws
from nightshift.local.processes import Reserved, Server, free_ports, start, wait_ready
from nightshift.local.state import Folder

_DASHBOARD_PORT = 4580
"""Where the dashboard is when nothing else is there: an address to keep."""

_CLEARED = ("AWS_", "CDK_", "MINISTACK_", "MOTO_")


def clean_environment() -> dict[str, str]:
    """This process's environment without what would lead an SDK, MiniStack or moto elsewhere."""
    return {k: v for k, v in os.environ.items() if not k.startswith(_CLEARED)}


def start_servers(folder: Folder, *, speed: float, iam: bool) -> LocalAws:
    """Start MiniStack and the fleet on free ports, noting each in the folder's state.

    iam: whether requests have to be allowed by the role that makes them.

    Raises ServerDied; what was started until then is in the state.
    """
    token = secrets.token_hex(8)
    folder.temporary.mkdir(parents=True, exist_ok=True)
    port, fleet_port = free_ports(2)
    # MiniStack goes by the wait scale, the fleet by its clock; together they are one speed.
    command = ["-m", "nightshift.local.ministack", "--port", str(port)]
    ministack = _start(folder, "ministack", command, port, token, _settings(speed, iam))
    options = ["--speed", str(speed), "--control-plane", ministack.url, *(["--iam"] if iam else [])]
    command = ["-m", "nightshift.local.fleet", "--port", str(fleet_port), *options]
    fleet = _start(folder, "fleet", command, fleet_port, token, {})
    return LocalAws(folder.project, ministack, fleet, speed)


def dashboard_port(folder: Folder) -> Reserved:
    """Where the dashboard will be: at the place it has, else at its usual one if that is free."""
    before = next((server for server in folder.servers() if server.name == "dashboard"), None)
    if before:
        return Reserved(before.port)
    usual = Reserved(_DASHBOARD_PORT)
    return usual if usual.held else Reserved(*free_ports(1))


def start_dashboard(folder: Folder, local: LocalAws, *, at: Reserved, names: AppNames, page: Path) -> Server:
    """Start the dashboard of an app, in the place of one that runs already. Raises ServerDied.

    at: where; elsewhere when that has been taken since. names: of the app. page: the folder with the built page.
    """
    before = next((server for server in folder.servers() if server.name == "dashboard"), None)
    if before is not None:
        before.stop()
    settings = {
        **local.environment(),
        # It may do what the function may that answers the API on AWS.
        **local.credentials(names.function("nightshift.dashboard")),
        "NIGHTSHIFT_TABLE": names.app,
        **names.environment(),
        "NIGHTSHIFT_ACCOUNT": local.account,
        SPEED_VARIABLE: f"{local.speed:g}",
        "NIGHTSHIFT_CATALOGUE": str(folder.catalogue),
        "POWERTOOLS_SERVICE_NAME": "nightshift.dashboard",
    }
    with _still_free(at) as place:
        options = ["--listening", str(place.fileno()), "--page", str(page)]
        command = ["-m", "nightshift.local.dashboard", *options]
        server = _start(folder, "dashboard", command, place.port, local.ministack.token, settings, [place.fileno()])
    wait_ready(server, "/config.json")
    return server


def _still_free(at: Reserved) -> Reserved:
    """The place that was reserved, that of the server before, or another when it has been taken since."""
    again = at if at.held else Reserved(at.port)
    return again if again.held else Reserved(*free_ports(1))


def wait_for(local: LocalAws) -> None:
    """Wait until both servers answer. Raises ServerDied."""
    wait_ready(local.fleet, "/_nightshift/health")
    wait_ready(local.ministack, "/_ministack/ready")


def _settings(speed: float, iam: bool) -> dict[str, str]:
    return {
        "SFN_WAIT_SCALE": str(1 / speed),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": "localhost",
        "LAMBDA_EXECUTOR": "local",
        "AUTH": str(iam).lower(),
        # Without these it would listen on fixed ports too, and two local AWS would meet there.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "INFO",
    }


def _start(
    folder: Folder,
    name: str,
    command: Sequence[str],
    port: int,
    token: str,
    settings: Mapping[str, str],
    inherits: Sequence[int] = (),
) -> Server:
    env = {**clean_environment(), "TMPDIR": str(folder.temporary), **settings}
    log = folder.logs / f"{name}.log"
    server = start(name, command, port=port, log=log, token=token, env=env, inherits=inherits)
    folder.write_server(server)
    return server
