"""Settings of a company: each reaches every resource that it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, assertions

from lambdas.outside.hosts import HOSTS
from nightshift.compiler import compile_file
from stacks.app_stack import NightshiftStack
from stacks.settings import Settings
from stacks.shared.parts import part_functions
from stacks.template.functions import Code
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


def test_the_parts_know_how_many_resources_the_app_lets_them_change(tmp_path: Path) -> None:
    functions = resources(tmp_path, "AWS::Lambda::Function", {"max_resources": 20})
    given = {
        name: f["Properties"]["Environment"]["Variables"].get("NIGHTSHIFT_MAX_RESOURCES")
        for f in functions
        if (name := f["Properties"].get("FunctionName", "")).endswith("stop_instances")
    }
    assert list(given.values()) == ["20"]
    with pytest.raises(ValueError, match="context max_resources='most'; write a number"):
        Settings.of(App(context={"max_resources": "most"}).node)


def test_only_the_function_of_http_request_knows_the_hosts(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(
        "from lambdas.parts import ec2, http\nfrom nightshift import flow\n\n\n@flow\ndef told():\n"
        '    ec2.stop_instances(tag="A=b")\n'
        '    http.request(url="https://hooks.example.com/", secret="hook", body="{secret}")\n'
    )
    settings = Settings.of(App(context={"http_hosts": "Hooks.example.com,*.example.org:8443"}).node)
    made = part_functions(settings, compile_file(tmp_path / "flows.py"), Code("bucket", "key"))
    variables = {
        r["Properties"]["FunctionName"]: r["Properties"]["Environment"]["Variables"].get(HOSTS)
        for r in made.values()
        if r["Type"] == "AWS::Lambda::Function"
    }
    assert variables == {
        "nightshift-ec2-stop_instances": None,
        "nightshift-http-request": "hooks.example.com *.example.org:8443",
    }
    assert "secret:hook-??????" in str(made)
    with pytest.raises(ValueError, match=r"context http_hosts: '10\.0\.0\.1' is no host"):
        Settings.of(App(context={"http_hosts": ["10.0.0.1"]}).node)
