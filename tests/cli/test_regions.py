"""`nightshift check` knows where the flows are deployed to, and what AWS does not have there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

SOURCE = """
from lambdas.parts import aws, notify
from nightshift import approval, flow


@flow
def a_call():
    notify.email(to="ops@example.com", subject="s", body="b")


@flow
def an_api():
    aws.call("sesv2", "get_account")


@flow
def an_approval():
    approval("Shall it?", to="ops@example.com")


@flow(notify=["ops@example.com"])
def of_its_runs():
    return "done"


@flow(notify=["arn:aws-cn:sns:cn-north-1:123456789012:ops"])
def none():
    approval("Shall it?", approvers=["leads"])
    notify.email(to="ops@example.com", subject="s", body="b", region="eu-west-1", credentials_secret="mail/keys")
    notify.publish(topic_arn="arn:aws-cn:sns:cn-north-1:123456789012:ops", message="m")
"""
MAILING = ["a_call", "an_api", "an_approval", "of_its_runs"]
STAGE = '[stages.{region}]\naccount = "123456789012"\nregion = "{region}"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose flows mail, all but one."""
    (tmp_path / "flow_defs").mkdir()
    (tmp_path / "flow_defs/flows.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(cli: Cli) -> list[str]:
    """The flows that are refused, and for nothing but Amazon SES."""
    found = json.loads(cli("check", "--json").out)
    assert {error["code"] for error in found} <= {"NS008"}
    return [error["message"].split("'")[1] for error in found]


@pytest.mark.parametrize(
    ("region", "mailing"),
    [("cn-north-1", MAILING), ("us-iso-east-1", MAILING), ("us-gov-west-1", []), ("eu-west-1", []), ("xx-new-1", [])],
)
def test_a_flow_that_mails_is_refused_where_there_is_no_ses(
    cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch, region: str, mailing: list[str]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    assert refused(cli) == mailing


def test_the_regions_are_those_of_the_stages(cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    stages = STAGE.format(region="eu-west-1")
    (project / "nightshift.toml").write_text(stages, encoding="utf-8")
    assert refused(cli) == []
    (project / "nightshift.toml").write_text(stages + STAGE.format(region="cn-northwest-1"), encoding="utf-8")
    done = cli("check")
    assert done.code == 1
    assert "NS008 'a_call' needs Amazon SES, which is not in cn-northwest-1 (the stage cn-northwest-1)" in done.out
    assert "Publish to a topic (notify.publish" in done.out
