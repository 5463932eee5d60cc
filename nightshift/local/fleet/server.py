"""moto's server with the rules around its EC2, and the control endpoints under /_nightshift/."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import run_simple

from nightshift.local.fleet.clock import ScaledClock
from nightshift.local.fleet.world import World
from nightshift.local.json_http import refusal

_TICK = 0.2
"""Seconds between two polls of what has fallen due."""

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def serve(port: int, *, speed: float, control_plane: str = "", iam: bool = False) -> None:
    """Serve on a loopback port until killed.

    speed: how many times as fast as the wall clock; 0 stands still until advanced.
    control_plane: endpoint for the requests to Systems Manager that do not concern instances, and for events.
    iam: whether a request has to be allowed by the role of its access key, as the control plane judges.
    """
    # Thousands of public images that nobody asked for would slow the first request down.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

    from nightshift.local.fleet import fast_answers  # noqa: F401  importing it registers it
    from nightshift.local.fleet.access.guard import Guard
    from nightshift.local.fleet.control import Control
    from nightshift.local.fleet.hooks import honest
    from nightshift.local.fleet.publisher import Publisher
    from nightshift.local.fleet.ssm.api import RunCommand

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto = DomainDispatcherApplication(create_backend_app)
    with honest(World(ScaledClock(speed))) as world:
        if control_plane:
            world.publish, world.control_plane = Publisher(control_plane), control_plane
            threading.Thread(target=_keep_up, args=(world,), name="clock", daemon=True).start()
        control, run_command = Control(world), RunCommand(world, control_plane)

        def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            inner: Wsgi = moto
            if environ["PATH_INFO"].startswith("/_nightshift/"):
                inner = control
            elif environ.get("HTTP_X_AMZ_TARGET", "").startswith("AmazonSSM."):
                inner = run_command
            return inner(environ, start_response)

        served = _own(Guard(app, world, control_plane) if iam else app)
        run_simple("127.0.0.1", port, served, threaded=True, request_handler=MotoRequestHandler)


def _own(app: Wsgi) -> Wsgi:
    """`app` for programs of this machine, and for no page in a browser."""

    def checked(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sent = {k[5:].replace("_", "-").lower(): str(v) for k, v in environ.items() if k.startswith("HTTP_")}
        refused = refusal(sent)
        if refused is None:
            return app(environ, start_response)
        start_response("421 Misdirected Request", [("Content-Type", "text/plain")])
        return [refused.encode()]

    return checked


def _keep_up(world: World) -> None:
    """Let things happen when they are due, so that events tell of them before somebody asks."""
    while True:
        time.sleep(_TICK)
        with world.lock:
            world.catch_up()
