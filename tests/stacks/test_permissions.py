"""What a part may do is said once: the deployed role, `nightshift show --as iam` and the dashboard agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.runs.app_names import AppNames
from nightshift.cli import run
from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from nightshift.views.catalogue_file import entry
from nightshift.views.iam import policies
from stacks.company.company import Company
from stacks.company.network import Vpc
from stacks.settings import Settings
from stacks.shared.parts import part_functions
from stacks.template.functions import Code
from tests.stacks.compiled import compiled
from tests.stacks.test_accounts import SOURCE

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
VPC = Vpc(("subnet-0123456789abcdef0",), ("sg-0123456789abcdef0",))
ROOT = Path(__file__).resolve().parents[2]

FOLDERS = ("flow_defs", "tests/e2e/flow_defs", "tests/simulation/flow_defs")


def flows() -> list[CompiledFlow]:
    """Every flow that is shipped, and those of the tests that call parts."""
    found = [flow for folder in FOLDERS for flow in load_flows(ROOT / folder)]
    return [*found, compiled("idle")]


def deployed(flow: CompiledFlow, prefix: str, company: Company) -> dict[str, Any]:
    """Part -> the policy of its role, in an app of one flow."""
    settings = Settings(prefix=prefix, company=company)
    resources = part_functions(settings, [flow], Code("bucket", "key"))
    functions = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Function"]
    parts = {AppNames(prefix).function(part): part for part in flow.functions}
    return {
        parts[function["FunctionName"]]: plain(policy["PolicyDocument"])
        for function in functions
        for policy in resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]["Policies"]
    }


def plain(value: Any) -> Any:
    """A policy of a template with the text of each Fn::Sub in its place."""
    if isinstance(value, dict):
        if "Fn::Sub" in value:
            return value["Fn::Sub"].replace("${!", "${")
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def listed(value: Any) -> list[Any]:
    """A list, or a list of the one value."""
    return value if isinstance(value, list) else [value]


def agree(flow: CompiledFlow, prefix: str, company: Company | None = None) -> None:
    """Hold the three to each other."""
    company = company or Company()
    shown = policies([flow], AppNames(prefix), company.access)
    assert shown == deployed(flow, prefix, company)
    assert json.loads(json.dumps(entry(flow, ROOT, AppNames(prefix), company.access)["permissions"])) == [
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


@pytest.mark.parametrize("flow", load_flows(ROOT / "flow_defs"), ids=lambda flow: flow.name)
def test_they_agree_on_the_key_and_the_network_of_a_company(flow: CompiledFlow) -> None:
    agree(flow, "nightshift", Company(key_arn=KEY, vpc=VPC))


def test_the_command_line_reads_the_key_and_the_network_in_cdk_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = {"key_arn": KEY, "vpc": json.dumps({"subnets": VPC.subnets, "security_groups": VPC.security_groups})}
    (tmp_path / "cdk.json").write_text(json.dumps({"app": "python app.py", "context": context}))
    monkeypatch.chdir(tmp_path)
    assert run(["show", "nightly_backup", "--as", "iam", "--flow-defs", str(ROOT / "flow_defs")]) == 0
    shown = json.loads(capsys.readouterr().out)
    (flow,) = [flow for flow in load_flows(ROOT / "flow_defs") if flow.name == "nightly_backup"]
    assert shown == policies([flow], AppNames(), Company(key_arn=KEY, vpc=VPC).access)
    resources = [s["Resource"] for s in shown["ec2.stop_instances"]["Statement"]]
    assert KEY in resources
    assert any("subnet/" in str(resource) for resource in resources)


def test_they_agree_on_roles_and_secrets_of_other_accounts(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(SOURCE)
    flows = {flow.name: flow for flow in compile_file(tmp_path / "flows.py")}
    for flow in flows.values():
        agree(flow, "ops")
    for name, wanted in {
        "named": {"sts:AssumeRole", "secretsmanager:GetSecretValue"},
        "everywhere": {"sts:AssumeRole"},
        "known_later": {"sts:AssumeRole", "secretsmanager:GetSecretValue"},
    }.items():
        made = policies([flows[name]], AppNames("ops")).values()
        assert wanted <= {a for policy in made for s in policy["Statement"] for a in listed(s["Action"])}
