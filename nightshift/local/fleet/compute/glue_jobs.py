"""Runs of Glue jobs pass their states over time, and write to CloudWatch Logs.

Follows "AWS Glue job run statuses" (AWS Glue Developer Guide), and StartJobRun, GetJobRun, BatchStopJobRun (AWS Glue
Web API Reference).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.glue.models import FakeJobRun, GlueBackend
from moto.glue.responses import GlueResponse

from nightshift.local.fleet.compute.logs import write
from nightshift.local.fleet.compute.ways import Named, go, struck
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

WAY = (("RUNNING", 45), ("ended", 90))
"""Seconds before each state, of a small run."""

GROUP = "/aws-glue/jobs"

_start = GlueBackend.start_job_run
_as_dict = FakeJobRun.as_dict


def _started(backend: Any, name: str, *args: Any) -> str:
    run_id: str = _start(backend, name, *args)
    job = backend.get_job(name)
    run = next(run for run in job.job_runs if run.job_run_id == run_id)
    # From here on the states are ours, and not those that moto passes at each description.
    run._transitions = []
    run.status, run.started_on, run.completed_on, run.error_message = "STARTING", _now(), None, ""
    # The newest comes first.
    job.job_runs.remove(run)
    job.job_runs.insert(0, run)
    named = Named(name, dict(backend.tagger.get_tag_dict_for_resource(job.arn)))
    seed = f"{name} {len(job.job_runs)}"
    go(named, WAY, lambda state: _reach(backend, run, named, state), sticks_in="RUNNING", seed=seed)
    return run_id


def _reach(backend: Any, run: Any, named: Named, state: str) -> bool:
    if run.status not in ("STARTING", "RUNNING"):
        return False
    if state == "RUNNING":
        run.status = state
        return True
    fault = struck("task_fails", named)
    run.status = "FAILED" if fault else "SUCCEEDED"
    run.error_message, run.completed_on = (fault.message or "Error Category: UNCLASSIFIED") if fault else "", _now()
    lines = [f"{named.id} begins", f"{named.id} has {'failed' if fault else 'ended'}"]
    write(backend.account_id, backend.region_name, f"{GROUP}/output", run.job_run_id, lines)
    return True


def _stopped(response: Any) -> ActionResult:
    """BatchStopJobRun, which moto has not."""
    name, done, errors = response._get_param("JobName"), [], []
    runs = {run.job_run_id: run for run in response.glue_backend.get_job(name).job_runs}
    for run_id in response._get_param("JobRunIds"):
        run = runs.get(run_id)
        if run is None or run.status not in ("STARTING", "RUNNING"):
            errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": {"ErrorCode": "InvalidInputException"}})
            continue
        run.status, run.completed_on = "STOPPED", _now()
        done.append({"JobName": name, "JobRunId": run_id})
    return ActionResult({"SuccessfulSubmissions": done, "Errors": errors})


def _described(run: Any) -> dict[str, Any]:
    told = {**_as_dict(run), "LogGroupName": GROUP, "ErrorMessage": run.error_message or None}
    if run.completed_on is None:
        told.pop("CompletedOn")
    else:
        told["ExecutionTime"] = int((run.completed_on - run.started_on).total_seconds())
    return {key: value for key, value in told.items() if value is not None}


def _now() -> datetime:
    return datetime.fromtimestamp(current().now(), UTC).replace(tzinfo=None)


replace_method(GlueBackend, "start_job_run", _started)
replace_method(GlueResponse, "batch_stop_job_run", _stopped)
replace_method(FakeJobRun, "as_dict", _described)
