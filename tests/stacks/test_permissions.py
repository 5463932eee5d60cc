"""What a part may do is said once: the deployed role, `nightshift show --as iam` and the dashboard agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from nightshift.views.catalogue_file import entry
from nightshift.views.iam import policies
from stacks.settings import Settings
from stacks.shared.parts import part_functions
from stacks.template.functions import Code
from tests.stacks.compiled import compiled
from tests.stacks.test_accounts import SOURCE

ROOT = Path(__file__).resolve().parents[2]

FOLDERS = ("flow_defs", "tests/e2e/flow_defs", "tests/simulation/flow_defs")


def flows() -> list[CompiledFlow]:
    """Every flow that is shipped, and those of the tests that call parts."""
    found = [flow for folder in FOLDERS for flow in load_flows(ROOT / folder)]
    return [*found, compiled("idle")]


def deployed(flow: CompiledFlow, prefix: str) -> dict[str, Any]:
    """Part -> the policy of its role, in an app of one flow."""
    settings = Settings(prefix=prefix)
    resources = part_functions(settings, [flow], Code("bucket", "key"))
    functions = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Function"]
    return {
        function["Environment"]["Variables"]["NIGHTSHIFT_PART"]: plain(policy["PolicyDocument"])
        for function in functions
        for policy in resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]["Policies"]
    }


def plain(value: Any) -> Any:
    """A policy of a template with the text of each Fn::Sub in its place."""
    if isinstance(value, dict):
        return value["Fn::Sub"] if "Fn::Sub" in value else {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def listed(value: Any) -> list[Any]:
    """A list, or a list of the one value."""
    return value if isinstance(value, list) else [value]


def agree(flow: CompiledFlow, prefix: str) -> None:
    """Hold the three to each other."""
    shown = policies([flow], prefix)
    assert shown == deployed(flow, prefix)
    assert json.loads(json.dumps(entry(flow, ROOT, prefix)["permissions"])) == [
        {
            "part": part,
            "actions": listed(statement["Action"]),
            "resources": listed(statement["Resource"]),
            "condition": statement.get("Condition"),
        }
        for part, policy in shown.items()
        for statement in policy["Statement"]
    ]


@pytest.mark.parametrize("flow", flows(), ids=lambda flow: flow.name)
def test_the_role_the_command_line_and_the_dashboard_agree(flow: CompiledFlow) -> None:
    agree(flow, "nightshift")
    agree(flow, "ops")


def test_they_agree_on_roles_and_secrets_of_other_accounts(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(SOURCE)
    for flow in compile_file(tmp_path / "flows.py"):
        agree(flow, "ops")
        actions = [
            action
            for policy in policies([flow], "ops").values()
            for s in policy["Statement"]
            for action in listed(s["Action"])
        ]
        assert {"sts:AssumeRole", "secretsmanager:GetSecretValue"} <= set(actions)
