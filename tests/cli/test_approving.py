"""`nightshift approvals`, `approve` and `reject`, on the app's table in an account."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from nightshift.cli import target
from nightshift.cli.runs import approving
from tests.approval.questions import Tasks, ask
from tests.approval.test_deciding import audited
from tests.cli.conftest import Cli
from tests.tables import table

__all__ = ["table"]

AWS = ("--target", "aws")
RUN = "evening_stop/tonight"
ME = "arn:aws:sts::123456789012:user/moto"


@pytest.fixture
def tasks(table: Any, monkeypatch: pytest.MonkeyPatch) -> Tasks:
    """Two tasks that wait."""
    made = Tasks("token-1", "token-2")

    def client(to: str, service: str) -> Any:
        return made if service == "stepfunctions" else target.client(to, service)

    monkeypatch.setattr(approving, "client", client)
    return made


def join(*groups: str) -> None:
    """Make me a user of the dashboard who is in some groups."""
    cognito = boto3.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="nightshift")["UserPool"]["Id"]
    cognito.admin_create_user(UserPoolId=pool, Username="moto")
    for group in groups:
        cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="moto", GroupName=group)


def test_what_waits_is_listed(cli: Cli, table: Any, tasks: Tasks) -> None:
    assert (cli("approvals", *AWS).code, cli("approvals", *AWS).out) == (0, "nothing waits for approval\n")
    question = ask(table, at_least=2, approvers=["leads", "owners"], starter="ann")
    line = cli("approvals", *AWS).out.splitlines()[1]
    assert line.startswith(f"{RUN}  {question.id}  2 of leads or owners  ")
    assert line.endswith("  Stop 12 instances?"), "a long question pushes nothing out of sight"
    (told,) = json.loads(cli("approvals", "--json", *AWS).out)
    assert (told["run"], told["approvers"], told["at_least"], told["started_by"], told["outcome"]) == (
        RUN,
        ["leads", "owners"],
        2,
        "ann",
        "waiting",
    )
    assert "token" not in json.dumps(told)


def test_a_question_without_groups_is_answered_with_the_credentials(cli: Cli, table: Any, tasks: Tasks) -> None:
    ask(table, approvers=[])
    done = cli("approve", RUN, "--comment", "go", *AWS)
    assert (done.code, done.out) == (0, f"{RUN} is approved by moto\n")
    assert (tasks.outputs[0]["by"], tasks.outputs[0]["comment"]) == (ME, "go")
    assert [(by, action) for by, action, _ in audited(table)] == [(ME, "approve")]
    again = cli("reject", RUN, *AWS)
    assert (again.code, f"{RUN} asks nothing now" in again.err) == (1, True)


def test_groups_are_those_of_the_user_of_the_same_name(cli: Cli, table: Any, tasks: Tasks) -> None:
    ask(table)
    nobody = cli("approve", RUN, *AWS)
    assert (nobody.code, "asks leads, and you are in none" in nobody.err) == (1, True)
    join("leads")
    done = cli("reject", RUN, "--comment", "wrong night", "--json", *AWS)
    assert (done.code, json.loads(done.out)["outcome"]) == (0, "rejected")
    assert tasks.outputs[0]["approved"] is False


def test_a_comment_is_taken_whole_or_not_at_all(cli: Cli, table: Any, tasks: Tasks) -> None:
    ask(table, approvers=[])
    refused = cli("approve", RUN, "--comment", "x" * 501, *AWS)
    assert (refused.code, "--comment has 501 characters; write 500 at most" in refused.err) == (1, True)
    assert (tasks.outputs, audited(table)) == ([], [])
    assert cli("approve", RUN, "--comment", "x" * 500, *AWS).code == 0


def test_how_many_more_have_to_approve_is_said(cli: Cli, table: Any, tasks: Tasks) -> None:
    ask(table, approvers=[], at_least=3)
    assert cli("approve", RUN, *AWS).out == f"{RUN} is approved by moto; 2 more have to approve\n"
    assert tasks.outputs == []


def test_who_started_the_run_is_refused(cli: Cli, table: Any, tasks: Tasks) -> None:
    ask(table, approvers=[], starter=ME)
    done = cli("approve", RUN, *AWS)
    assert (done.code, "you started this run" in done.err, tasks.outputs) == (1, True, [])


def test_of_several_questions_one_is_chosen(cli: Cli, table: Any, tasks: Tasks) -> None:
    ask(table, approvers=[])
    run = {"id": "arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-evening_stop:tonight", "step": "two"}
    other = ask(
        table, approvers=[], token="token-2", message="And the rest?", run={**run, "flow": "evening_stop"} | _CALL
    )
    unclear = cli("approve", RUN, *AWS)
    assert (unclear.code, "(And the rest?); say which with --question ID" in unclear.err) == (1, True)
    assert json.loads(cli("approve", RUN, "--question", other.id, "--json", *AWS).out)
    assert tasks.waiting == {"token-1"}


_CALL = {"call": 0, "item": None}
