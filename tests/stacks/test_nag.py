"""cdk-nag's AwsSolutions rules over the app; what they find is listed here with the reason why it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from tests.stacks.conftest import everything

ACCEPTED = {
    r"AwsSolutions-S1 (ResultsBucket|DashboardBucket)": "Server access logs are best effort and need a second "
    "bucket that only grows; who asks for a record of each access turns on CloudTrail data events.",
    r"AwsSolutions-L1 \w+": "The functions run on the Python the wheels of the layer are locked for.",
    r"AwsSolutions-IAM5\[Resource::\*\] \w+Role\w*": "Of actions that read, or that IAM takes no resource for: "
    "test_app.py holds every role to that.",
    r"AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:logs:[^*]*:log-group:/aws/lambda/[\w-]+:\*\] \w+Role": ""
    "The streams of the function's own log group.",
    r"AwsSolutions-IAM5\[Resource::<ResultsBucket\.Arn>/\*\] Part\w+Role": "The objects of the results bucket, which "
    "the functions name by run.",
    r"AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:states:[^*]*:execution:nightshift-\w+:\*\] \w+": "The runs of "
    "one called flow.",
    r"AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:states:[^*]*:execution:nightshift-\*:\*\] "
    r"(Dashboard|Gate|Tracker|TrackerReconciler)Role": "The runs of the app's flows, whose state they read, and which "
    "users of the dashboard stop and redrive.",
    r"AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:states:[^*]*:stateMachine:nightshift-\*\] "
    r"TrackerReconcilerRole": "The flows of the app, whose runs the tracker looks for.",
    r"AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:cloudwatch:[^*]*:alarm:nightshift/\*\] AlarmKeeperRole": "The "
    "alarms it makes of instances, by what their names begin with.",
    r"AwsSolutions-IAM5\[Resource::arn:.*\*.*\] Part\w+Role": "Resources that a flow names, or selects by tag, when it "
    "runs; the part declares their type.",
    r"AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:ses:[^*]*:(identity|configuration-set)/\*\] ApprovalRole": ""
    "What SES asks about besides the sender's identity; a condition keeps it to the sender's address.",
    r"AwsSolutions-IAM5\[Resource::<DashboardBucket\.Arn>/\*\] DashboardFilesRole": "The files of the page.",
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


def findings(folder: Path) -> set[str]:
    """The rules that are broken, each with the logical id of the resource. folder: an empty one."""
    (folder / "page").mkdir()
    nag = App(outdir=str(folder / "out"))
    everything(nag, folder / "page")
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


def test_nag_finds_what_is_accepted_and_nothing_else(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert not [rule for rule in found if not any(re.fullmatch(known, rule) for known in ACCEPTED)]
    assert not [known for known in ACCEPTED if not any(re.fullmatch(known, rule) for rule in found)]
