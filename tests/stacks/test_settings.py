"""Settings of a company: each reaches every resource that it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, assertions

from stacks.app_stack import NightshiftStack
from stacks.settings import Settings
from tests.stacks.compiled import compiled

BOUNDARY = "arn:aws:iam::123456789012:policy/company"


def resources(folder: Path, kind: str, context: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources of a type in the app of a flow with this context, nested stacks included."""
    (folder / "index.html").write_text("page")
    app = App(outdir=str(folder / "out"), context={**context, "page": str(folder)})
    flows = [compiled("stop", "ec2.stop_instances")]
    stack = NightshiftStack(app, "nightshift", flows=flows)
    stacks = [stack, *(flow.node.scope for flow in stack.flows.values())]
    templates = [assertions.Template.from_stack(each) for each in stacks]  # type: ignore[arg-type]
    return [dict(found) for template in templates for found in template.find_resources(kind).values()]


def test_all_logs_are_kept_as_long_as_the_company_says(tmp_path: Path) -> None:
    groups = resources(tmp_path, "AWS::Logs::LogGroup", {"log_retention": "365"})
    assert len(groups) > 4
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {365}
    with pytest.raises(ValueError, match=r"context log_retention is 100; write one of 1, 3, 5, .* 3653 days"):
        Settings.of(App(context={"log_retention": "100"}).node)
    with pytest.raises(ValueError, match="context log_retention is 'long'"):
        Settings.of(App(context={"log_retention": "long"}).node)


def test_every_role_has_the_permissions_boundary_of_the_context(tmp_path: Path) -> None:
    roles = resources(tmp_path, "AWS::IAM::Role", {"@aws-cdk/core:permissionsBoundary": {"arn": BOUNDARY}})
    assert len(roles) > 4
    assert {role["Properties"].get("PermissionsBoundary") for role in roles} == {BOUNDARY}
