"""Queues and job definitions of AWS Batch on moto."""

from __future__ import annotations

from typing import Any

from tests.parts.driver import client


def queue(name: str = "night", state: str = "ENABLED") -> str:
    """A job queue without instances; its name."""
    role = client("iam").create_role(RoleName=f"batch-{name}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch: Any = client("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName=name, type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    order = [{"order": 1, "computeEnvironment": environment}]
    batch.create_job_queue(jobQueueName=name, state=state, priority=1, computeEnvironmentOrder=order)
    return name


def definition(name: str = "render") -> str:
    """A job definition; its ARN."""
    made = client("batch").register_job_definition(
        jobDefinitionName=name,
        type="container",
        containerProperties={"image": "busybox", "vcpus": 1, "memory": 64, "command": ["render", "Ref::date"]},
        parameters={"date": "yesterday"},
    )
    return str(made["jobDefinitionArn"])


def jobs(name: str = "night") -> list[dict[str, Any]]:
    """The jobs of a queue."""
    listed = client("batch").list_jobs(jobQueue=name, filters=[{"name": "JOB_NAME", "values": ["nightshift-*"]}])
    ids = [job["jobId"] for job in listed["jobSummaryList"]]
    return list(client("batch").describe_jobs(jobs=ids)["jobs"]) if ids else []
