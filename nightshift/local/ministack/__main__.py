"""`python -m nightshift.local.ministack --port N`: MiniStack on a loopback port, until killed.

Its settings are read from the environment at import (`SFN_WAIT_SCALE`, `MINISTACK_REGION`, ...); see `servers.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import os

from hypercorn.asyncio import serve
from hypercorn.config import Config

from nightshift.local.lifeline import end_with_parent


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    end_with_parent()
    os.environ["GATEWAY_PORT"] = str(port)

    from nightshift.local.ministack import (
        access,
        control,
        deletions,
        executions,
        lambda_errors,
        map_runs,
        nested_stacks,
        quotas,
        redrives,
        retries,
        scheduler,
        variables,
    )

    access.patch()
    deletions.patch()
    executions.patch()
    lambda_errors.patch()
    nested_stacks.patch()
    variables.patch()
    map_runs.patch()
    redrives.patch()
    retries.patch()
    limits = quotas.patch(1 / float(os.environ.get("SFN_WAIT_SCALE", "1")))
    firing = scheduler.patch(f"http://127.0.0.1:{port}")
    from ministack.app import app  # type: ignore[import-untyped]

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(control.with_control(app, firing, limits), config))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
