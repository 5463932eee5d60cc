"""What stays after `cdk destroy` does not keep the app from being deployed again."""

from __future__ import annotations

import re
import subprocess

from nightshift.local.node import node_module_bin
from stacks.template.cloudformation import KEEP
from tests.stacks.conftest import ROOT, Synthesized

ADOPTED = {"AWS::DynamoDB::Table": "TableName", "AWS::Backup::BackupVault": "BackupVaultName"}
"""What stays under a name that no other may have, and the property with it."""

NAMED_ANEW = {"AWS::S3::Bucket": "BucketName"}
"""What stays and is named by CloudFormation each time."""

ALIKE = {"AWS::Cognito::UserPool"}
"""What stays and need not have a name of its own ("CreateUserPool", Amazon Cognito User Pools API Reference)."""


def test_what_stays_is_adopted_by_its_name_or_is_in_nobodys_way(app: Synthesized) -> None:
    """CloudFormation adopts what has a custom name and a DeletionPolicy by which it would stay.

    "Import AWS resources into a CloudFormation stack automatically" (AWS CloudFormation User Guide).
    """
    templates = [app.template, *app.nested.values()]
    kept = [r for template in templates for r in template["Resources"].values() if r.get("DeletionPolicy") == KEEP]
    assert {resource["Type"] for resource in kept} >= {"AWS::DynamoDB::Table", "AWS::S3::Bucket"} | ALIKE
    for resource in kept:
        kind, properties = resource["Type"], resource["Properties"]
        assert kind in {*ADOPTED, *NAMED_ANEW, *ALIKE}, f"{kind} stays: how is the app deployed again?"
        if kind in ADOPTED:
            assert re.fullmatch(r"[a-z0-9-]+", properties[ADOPTED[kind]])
        assert NAMED_ANEW.get(kind) not in properties


def test_the_pinned_cdk_cli_adopts_what_stayed() -> None:
    command = [*node_module_bin("cdk", ROOT), "deploy", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "--import-existing-resources" in done.stdout


SAID = {
    "AWS::DynamoDB::Table": "table",
    "AWS::S3::Bucket": "results",
    "AWS::Cognito::UserPool": "user",
    "AWS::Backup::BackupVault": "vault",
}
"""What stays, and the word for it in what pages say of `cdk destroy`."""


def test_the_pages_agree_on_what_stays() -> None:
    """The vault is one that only a company's settings bring, and README.md does without."""
    assert SAID.keys() == {*ADOPTED, *NAMED_ANEW, *ALIKE}
    for page, words in (("README.md", {*SAID.values()} - {"vault"}), ("docs/operations.md", {*SAID.values()})):
        text = (ROOT / page).read_text(encoding="utf-8")
        said = re.search(r"`cdk destroy` (?:takes|removes) everything.*?\.\s", text, re.DOTALL)
        assert said, page
        assert [word for word in words if word not in said[0]] == [], page


def test_the_page_says_how() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "`cdk deploy --import-existing-resources`" in page
