"""The app of a user in docs/operations.md: it is what stands there, and it synthesizes to what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nightshift.project import load_flows

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "own_app.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The resources of each template of the example."""
    folder = tmp_path_factory.mktemp("own")
    context = {"flow_defs": str(ROOT / "flow_defs"), "dashboard": "false"}
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    subprocess.run([sys.executable, str(EXAMPLE)], env=environment, check=True, cwd=folder)
    return {
        file.name.partition(".")[0]: json.loads(file.read_text(encoding="utf-8"))["Resources"]
        for file in folder.glob("*.template.json")
    }


def test_the_page_shows_the_file() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"```python\n{EXAMPLE.read_text(encoding='utf-8')}```" in page


def test_the_rules_of_the_company_hold_everywhere(made: dict[str, dict[str, Any]]) -> None:
    roles = [
        r["Properties"] for resources in made.values() for r in resources.values() if r["Type"] == "AWS::IAM::Role"
    ]
    assert len(roles) > 20
    assert {role.get("PermissionsBoundary") for role in roles} == {"arn:aws:iam::123456789012:policy/company"}
    assert all({"Key": "cost-center", "Value": "4711"} in role["Tags"] for role in roles)


def test_the_flow_is_in_the_stack_of_the_user_alone(made: dict[str, dict[str, Any]]) -> None:
    names = {
        resource["Properties"]["StateMachineName"]: stack
        for stack, resources in made.items()
        for resource in resources.values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    }
    assert names["nightshift-nightly_backup"] == "database"
    assert names["nightshift-evening_stop"].startswith("operationsFlows")
    assert names.keys() == {f"nightshift-{flow.name}" for flow in load_flows(ROOT / "flow_defs")}


def test_a_tag_of_one_flow_is_on_that_flow_alone(made: dict[str, dict[str, Any]]) -> None:
    tagged = {
        resource["Properties"]["StateMachineName"]
        for resources in made.values()
        for resource in resources.values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
        and {"Key": "team", "Value": "web"} in resource["Properties"]["Tags"]
    }
    assert tagged == {"nightshift-evening_stop"}
