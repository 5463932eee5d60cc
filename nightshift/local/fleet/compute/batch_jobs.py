"""Jobs of AWS Batch pass their states over time, with an exit code and their log; no container runs.

Follows "Job states" (AWS Batch User Guide), and SubmitJob, DescribeJobs, TerminateJob (AWS Batch API Reference).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.batch.exceptions import ClientException
from moto.batch.models import BatchBackend, Job

from nightshift.local.fleet.compute.logs import write
from nightshift.local.fleet.compute.ways import Named, go, struck
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

WAY = (("RUNNABLE", 5), ("STARTING", 30), ("RUNNING", 20), ("ended", 60))
"""Seconds before each state, of a small job that runs for a minute."""

GROUP = "/aws/batch/job"

_describe = Job.describe
_describe_definitions = BatchBackend.describe_job_definitions


def _submitted(backend: Any, job_name: str, job_def_id: str, job_queue: str, **given: Any) -> tuple[str, str, str]:
    definition, queue = backend.get_job_definition(job_def_id), backend.get_job_queue(job_queue)
    if definition is None:
        raise ClientException(f"Job definition {job_def_id} does not exist")
    if queue is None or queue.state != "ENABLED":
        raise ClientException(f"Job queue {job_queue} does not exist or is disabled")
    job: Any = Job(
        job_name,
        definition,
        queue,
        backend,
        log_backend=backend.logs_backend,
        all_jobs=backend._jobs,
        **{"container_overrides": None, "eks_properties_override": None, "depends_on": None, **given},
    )
    # From here on the states are ours, and not those that moto passes by itself.
    job._transitions = []
    job.status, job.job_created_at = "SUBMITTED", _now()
    backend._jobs[job.job_id] = job
    named = Named(definition.name, dict(given.get("tags") or {}))
    if struck("capacity", named) is None:
        seed = f"{definition.name} {len(backend._jobs)}"
        go(named, WAY, lambda state: _reach(backend, job, named, state), sticks_in="RUNNING", seed=seed)
    else:
        go(named, WAY[:1], lambda state: _reach(backend, job, named, state))
        job.job_stopped_reason = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - no room for the job"
    return job_name, job.job_id, job.arn


def _reach(backend: Any, job: Any, named: Named, state: str) -> bool:
    if job.job_stopped:
        return False
    if state == "RUNNING":
        job.job_started_at = _now()
        job.log_stream_name = job._stream_name
    if state != "ended":
        job.status = state
        return True
    fault = struck("task_fails", named)
    _end(job, int(fault.code) if fault and fault.code.isdecimal() else 1 if fault else 0, "")
    lines = [f"{named.id} begins", *((fault.message if fault else "") or f"{named.id} has ended").splitlines()]
    write(backend.account_id, backend.region_name, GROUP, job.log_stream_name, lines)
    return True


def _end(job: Any, code: int | None, reason: str) -> None:
    job.exit_code, job.job_stopped, job.job_stopped_at = code, True, _now()
    job.job_stopped_reason = reason or ("Essential container in task exited" if code else None)
    job.status = "SUCCEEDED" if code == 0 else "FAILED"


def _terminated(backend: Any, job_id: str, reason: str) -> None:
    job = backend.get_job_by_id(job_id)
    if job is not None and not job.job_stopped:
        _end(job, 137 if job.status == "RUNNING" else None, reason)


def _definitions(backend: Any, job_def_name: Any = None, job_def_list: Any = None, *more: Any, **given: Any) -> Any:
    """DescribeJobDefinitions, which takes a name with a revision besides ARNs."""
    named = [found.arn if (found := backend.get_job_definition(name)) else name for name in job_def_list or []]
    return _describe_definitions(backend, job_def_name, named or None, *more, **given)


def _described(job: Any) -> dict[str, Any]:
    told = _describe(job)
    if job.exit_code is not None:
        told["container"] = {**told.get("container", {}), "exitCode": job.exit_code}
    return told


def _now() -> datetime:
    return datetime.fromtimestamp(current().now(), UTC).replace(tzinfo=None)


replace_method(BatchBackend, "submit_job", _submitted)
replace_method(BatchBackend, "terminate_job", _terminated)
replace_method(BatchBackend, "describe_job_definitions", _definitions)
replace_method(Job, "describe", _described)
