"""cdk-nag's AwsSolutions rules over the app; what they find is listed here with the reason why it stands.

The wildcards of roles are in wildcards.py, by action, which cdk-nag does not tell.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.company.company import Company
from tests.stacks.conftest import Synthesized, everything
from tests.stacks.policies import wildcards

ACCEPTED = {
    r"AwsSolutions-S1 (ResultsBucket|DashboardBucket)": "Server access logs are best effort and need a second "
    "bucket that only grows; who asks for a record of each access turns on CloudTrail data events.",
    r"AwsSolutions-L1 \w+": "The functions run on the Python the wheels of the layer are locked for.",
    r"AwsSolutions-CFR[12] DashboardDistribution": "Who may use the dashboard is decided by signing in; a firewall or "
    "a list of countries is a company's own to add.",
    r"AwsSolutions-CFR3 DashboardDistribution": "The files of the page are the same for everyone; each request to the "
    "API is in its access log, with the user.",
    r"AwsSolutions-CFR4 DashboardDistribution": "Without a domain of one's own there is only CloudFront's certificate, "
    "with which it decides the versions of TLS.",
    r"AwsSolutions-COG8 UserPool": "Threat protection costs by user; who wants it changes the feature plan of the "
    "pool. Every user has a second factor.",
}
"""Finding and the logical id it is about -> why it stands."""


def findings(folder: Path, company: Company | None = None) -> set[str]:
    """The rules that are broken, each with the logical id of the resource. folder: an empty one."""
    (folder / "page").mkdir()
    nag = App(outdir=str(folder / "out"))
    everything(nag, folder / "page", company=company)
    Validations.of(nag).add_plugins(AwsSolutionsChecks(nag))
    # It writes its report, then fails the synthesis.
    with pytest.raises(RuntimeError, match="AwsSolutions"):
        nag.synth()
    reports = json.loads((folder / "out" / "validation-report.json").read_text())["pluginReports"]
    (report,) = [report for report in reports if report["pluginName"] == "AwsSolutions"]
    return {
        f"{violation['ruleName']} {construct['constructPath'].rpartition('/')[2]}"
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    }


WILDCARD = re.compile(r"AwsSolutions-IAM5\[Resource::(.*)\] (\w+)")


def test_nag_finds_what_is_accepted_and_nothing_else(app: Synthesized, tmp_path: Path) -> None:
    found = findings(tmp_path)
    # It writes <ResultsBucket.Arn> for ${ResultsBucket.Arn}.
    listed = {(re.sub(r"\$\{([^}]+)\}", r"<\1>", grant.resource), grant.role) for grant in wildcards(app)}
    other = {rule for rule in found if not ((seen := WILDCARD.fullmatch(rule)) and seen.groups() in listed)}
    assert not [rule for rule in other if not any(re.fullmatch(known, rule) for known in ACCEPTED)]
    assert not [known for known in ACCEPTED if not any(re.fullmatch(known, rule) for rule in other)]
    assert len(found - other) > 150
