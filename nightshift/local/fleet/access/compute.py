"""What a request to ECS, Batch or Glue needs: actions, resources and condition keys.

Source: "Actions, resources, and condition keys for Amazon Elastic Container Service", "... for AWS Batch" and "... for
AWS Glue" (Service Authorization Reference); "IAM roles for Amazon ECS" (Amazon ECS Developer Guide).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecs.models import ecs_backends

from nightshift.local.fleet.access.asked import Asked, Check, TagsOf

_ROLES = ("task_role_arn", "execution_role_arn")


def ecs(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    """All that has to be allowed for a request to ECS. tags_of: not asked; ECS has no tags for its conditions here."""
    action = f"ecs:{asked.action}"
    yield from (Check(action, resource) for resource in _resources(asked) or ["*"])
    if asked.action == "RunTask":
        definition: Any = _definition(asked, asked.params["taskDefinition"])
        roles = {getattr(definition, name, None) for name in _ROLES} if definition else set()
        given = asked.params.get("overrides") or {}
        roles |= {given.get("taskRoleArn"), given.get("executionRoleArn")}
        keys = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
        yield from (Check("iam:PassRole", role, keys) for role in sorted(filter(None, roles)))


def batch(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    """All that has to be allowed for a request to Batch. tags_of: not asked, as for ECS."""
    arn = f"arn:aws:batch:{asked.region}:{asked.account}"
    named = []
    if asked.action == "SubmitJob":
        definition = _last(asked.params["jobDefinition"])
        named = [f"{arn}:job-definition/{definition}", f"{arn}:job-queue/{_last(asked.params['jobQueue'])}"]
    if asked.action == "TerminateJob":
        named = [f"{arn}:job/{asked.params['jobId']}"]
    yield from (Check(f"batch:{asked.action}", resource) for resource in named or ["*"])


def glue(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    """All that has to be allowed for a request to Glue. tags_of: not asked, as for ECS."""
    job = asked.params.get("JobName")
    yield Check(f"glue:{asked.action}", f"arn:aws:glue:{asked.region}:{asked.account}:job/{job}" if job else "*")


def _resources(asked: Asked) -> list[str]:
    """The ARNs of what a request names."""
    arn = f"arn:aws:ecs:{asked.region}:{asked.account}"
    cluster = _last(asked.params.get("cluster") or "default")
    match asked.action:
        case "DescribeServices":
            return [f"{arn}:service/{cluster}/{_last(name)}" for name in asked.params["services"]]
        case "UpdateService" | "DeleteService":
            return [f"{arn}:service/{cluster}/{_last(asked.params['service'])}"]
        case "DescribeTasks":
            return [f"{arn}:task/{cluster}/{_last(name)}" for name in asked.params["tasks"]]
        case "StopTask":
            return [f"{arn}:task/{cluster}/{_last(asked.params['task'])}"]
        case "DescribeClusters":
            return [f"{arn}:cluster/{_last(name)}" for name in asked.params.get("clusters") or ["default"]]
        case "RunTask":
            definition = _definition(asked, asked.params["taskDefinition"])
            return [definition.arn if definition else f"{arn}:task-definition/{_last(asked.params['taskDefinition'])}"]
        case "TagResource" | "UntagResource" | "ListTagsForResource":
            return [asked.params["resourceArn"]]
    return []


def _definition(asked: Asked, name: str) -> Any:
    try:
        return ecs_backends[asked.account][asked.region].describe_task_definition(name)
    except ServiceException:
        return None


def _last(name: str) -> str:
    """The name in an ARN, or the name itself."""
    return name.rpartition("/")[2]
