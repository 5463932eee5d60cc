"""A log group, as every one of nightshift is."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import Json


def log_group(settings: Settings, name: str, tags: list[dict[str, str]]) -> dict[str, Json]:
    """A log group that goes with the app, and is kept and encrypted as the company says."""
    own_key = {"KmsKeyId": settings.company.key_arn} if settings.company.key_arn else {}
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": name, "RetentionInDays": settings.log_retention, "Tags": tags, **own_key},
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }
