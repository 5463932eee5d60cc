"""`nightshift doctor`: each thing that is missing, and what to do about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from nightshift import installation
from nightshift.cli.project.doctor import account, machine, mail_from, project
from nightshift.local.account import REGION

SENDER = "ops@example.com"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


def found() -> dict[str, tuple[str, str]]:
    return {f.what: (f.state, f.todo) for f in account(boto3.Session(region_name=REGION), SENDER)}


@mock_aws
def test_a_new_account_lacks_bootstrap_and_sender() -> None:
    findings = found()
    assert findings["AWS credentials"] == ("fine", "")
    assert findings["CDK bootstrap"] == ("wrong", "nightshift cdk bootstrap")
    assert findings["mail sender"][0] == "wrong"
    assert f"verify-email-identity --email-address {SENDER}" in findings["mail sender"][1]
    assert "production access" in findings["mail recipients"][1]


@pytest.mark.parametrize(("version", "state"), [("5", "wrong"), ("6", "fine"), ("30", "fine")])
@mock_aws
def test_the_bootstrap_has_to_be_new_enough(version: str, state: str) -> None:
    ssm = boto3.client("ssm", region_name=REGION)
    ssm.put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value=version, Type="String")
    assert found()["CDK bootstrap"][0] == state


@pytest.mark.parametrize("identity", [SENDER, "example.com"])
@mock_aws
def test_the_address_or_its_domain_is_verified(identity: str) -> None:
    ses = boto3.client("ses", region_name=REGION)
    verify = ses.verify_email_identity if "@" in identity else ses.verify_domain_identity
    verify(**{"EmailAddress" if "@" in identity else "Domain": identity})
    assert found()["mail sender"] == ("fine", "")


@pytest.mark.parametrize(("most", "todo"), [(10, "request more in Service Quotas"), (1000, "")])
@mock_aws
def test_a_quota_that_makes_flows_wait_is_told(most: int, todo: str) -> None:
    session: Any = boto3.Session(region_name=REGION)
    answer = {"AccountLimit": {"ConcurrentExecutions": most}}
    answered = AWSResponse("", 200, HTTPHeaders(), None), answer
    session.events.register("before-call.lambda.GetAccountSettings", lambda **_: answered)
    (finding,) = (f for f in account(session, SENDER) if f.what == "Lambda quota")
    assert (finding.state, finding.said) == ("fine", f"{most} concurrent executions")
    assert finding.todo.partition(":")[0] == todo


@pytest.mark.parametrize(("given", "said"), [(300.0, "none is below AWS's default"), (25.0, "Starts: 25, not 300")])
@pytest.mark.parametrize(("what", "service"), [("Step Functions quotas", "states"), ("Scheduler quotas", "scheduler")])
@mock_aws
def test_a_quota_below_the_default_is_told(what: str, service: str, given: float, said: str) -> None:
    session: Any = boto3.Session(region_name=REGION)
    asked: list[tuple[str, str]] = []

    def answer(value: float) -> Any:
        def answered(model: Any, params: Any, **_: Any) -> Any:
            asked.append((model.name, json.loads(params["body"])["ServiceCode"]))
            quotas = [{"QuotaName": "Open", "Value": 1e6}, {"QuotaName": "Starts", "Value": value}]
            return AWSResponse("", 200, HTTPHeaders(), None), {"Quotas": quotas}

        return answered

    session.events.register("before-call.service-quotas.ListServiceQuotas", answer(given))
    session.events.register("before-call.service-quotas.ListAWSDefaultServiceQuotas", answer(300.0))
    (finding,) = (f for f in account(session, SENDER) if f.what == what)
    assert (finding.state, finding.said, bool(finding.todo)) == ("fine", said, given < 300)
    assert {name for name, code in asked if code == service} == {"ListServiceQuotas", "ListAWSDefaultServiceQuotas"}


def test_without_credentials_the_account_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name, value in (("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_CONFIG_FILE", "/dev/null")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    findings = found()
    assert {state for state, _ in findings.values()} == {"unknown"}
    assert "sign in" in findings["AWS credentials"][1]


def test_a_command_without_the_extra_says_which() -> None:
    program = "import sys; sys.modules['psutil'] = None; from nightshift.cli import run; sys.exit(run(['down']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("pip install 'nightshift[local]'\n")


def test_this_machine_is_fine() -> None:
    assert {f.what: f.state for f in machine()} == dict.fromkeys(("Python", "local AWS", "Node", "CDK CLI"), "fine")


def test_packages_that_are_not_there_are_told_with_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    (_, finding) = machine()
    assert (finding.what, finding.state, finding.said) == ("local AWS", "wrong", "psutil not installed")
    assert finding.todo == f"pip install 'nightshift[local]=={installation.version()}'"


def test_a_folder_without_a_project_says_how_to_start_one(tmp_path: Path) -> None:
    [finding] = project(tmp_path)
    assert finding.state == "wrong"
    assert "nightshift init" in finding.todo


@pytest.mark.parametrize(("pin", "state"), [(installation.version(), "fine"), ("0.0.9", "wrong")])
def test_the_version_that_is_pinned_is_compared(tmp_path: Path, pin: str, state: str) -> None:
    (tmp_path / "cdk.json").write_text('{"context": {"mail_from": "me@example.org"}}')
    (tmp_path / "pyproject.toml").write_text(f'dependencies = ["nightshift[local]=={pin}"]')
    assert [f.state for f in project(tmp_path)] == ["fine", state]
    assert mail_from(tmp_path) == "me@example.org"
