"""Writing down, in the log of actions, that somebody has started a run."""

from __future__ import annotations

import sys

from botocore.exceptions import ClientError

from lambdas.store import audit
from nightshift.cli.target import NoTable, table


def note_start(target: str, flow: str, execution: str, *, by: str, dry_run: bool) -> None:
    """Write down who started a run. The run goes on, whatever becomes of that; then it is said on stderr.

    execution: ARN. by: as `operator` gives it.
    """
    details = {"run": f"{flow}/{execution.rpartition(':')[2]}", **({"dry_run": "true"} if dry_run else {})}
    try:
        audit.record(table(target), by=by, action="start", flow=flow, details=details)
    except (ClientError, NoTable) as error:
        print(f"The run is not in the log of actions: {error}", file=sys.stderr)
