"""Checkov over the templates, of an app as it is and with all settings of a company; what it finds is listed here.

Its packages do not go beside ours: `make check` and `make test` install them into a folder of their own.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from aws_cdk import App

from tests.stacks.company import company
from tests.stacks.conftest import ROOT, Synthesized, everything

CHECKOV = ROOT / ".venv-checkov/bin/checkov"

ACCEPTED = {
    "CKV_AWS_115 AWS::Lambda::Function": "Reserved concurrency is taken from all other functions of the account; a "
    "flow's own fan-outs say how much happens at once.",
    "CKV_AWS_116 AWS::Lambda::Function": "Functions of parts are called and waited for by Step Functions, which has "
    "the failure. Those that are called without waiting have a queue.",
    "CKV_AWS_173 AWS::Lambda::Function": "The variables are names of resources, and Lambda encrypts them with a key of "
    "AWS; there are no secrets in them.",
    "CKV_AWS_18 AWS::S3::Bucket": "Server access logs are best effort and need a second bucket that only grows; who "
    "asks for a record of each access turns on CloudTrail data events.",
    "CKV_AWS_21 AWS::S3::Bucket.DashboardBucket": "The files of the page come from the deployment, which can put them "
    "there again. Results are versioned.",
    "CKV_AWS_86 AWS::CloudFront::Distribution": "The files of the page are the same for everyone; each request to the "
    "API is in its access log, with the user.",
}
"""Check and the resources it is about -> why it stands, whatever a company sets."""

BY_A_SETTING = {
    "CKV_AWS_117 AWS::Lambda::Function": "vpc",
    "CKV_AWS_119 AWS::DynamoDB::Table": "key_arn",
    "CKV_AWS_158 AWS::Logs::LogGroup": "key_arn",
    "CKV_AWS_174 AWS::CloudFront::Distribution": "domain",
    "CKV_AWS_27 AWS::SQS::Queue": "key_arn",
    "CKV_AWS_68 AWS::CloudFront::Distribution": "web_acl_arn",
}
"""Check and the resources it is about -> the setting of a company that makes it pass."""


def findings(folder: Path) -> set[str]:
    """What fails in the templates of a cloud assembly: the check and the resource."""
    assert CHECKOV.exists(), "checkov is not installed; `make check` installs it"
    command = [CHECKOV, "-d", folder, "--framework", "cloudformation", "--skip-download", "--compact", "-o", "json"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert told["summary"]["parsing_errors"] == 0
    assert told["summary"]["passed"] > 500, done.stderr
    return {f"{check['check_id']} {check['resource']}" for check in told["results"]["failed_checks"]}


def kinds(found: set[str]) -> dict[str, str]:
    """Finding -> the listed one that it is of; "" for one that is not listed."""
    listed = (*ACCEPTED, *BY_A_SETTING)
    return {finding: next((known for known in listed if finding.startswith(known)), "") for finding in found}


def test_checkov_finds_what_is_accepted_and_nothing_else(app: Synthesized) -> None:
    found = kinds(findings(app.folder))
    assert [finding for finding, known in found.items() if not known] == []
    assert set(found.values()) == {*ACCEPTED, *BY_A_SETTING}


def test_the_settings_of_a_company_leave_what_is_accepted(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "out"))
    everything(app, tmp_path, company=company())
    app.synth()
    assert set(kinds(findings(tmp_path / "out")).values()) == set(ACCEPTED)
