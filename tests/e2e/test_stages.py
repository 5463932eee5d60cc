"""A stage of a generated project, deployed to a local AWS and compared with it by the commands of the page."""

from __future__ import annotations

import json
import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightshift.cli.project.starting import init
from nightshift.local import LocalAws, down, up
from nightshift.local.cdk import Cdk
from nightshift.local.node import ensure_node_modules
from tests.cli.conftest import Done, command

pytestmark = pytest.mark.e2e

STAGES = """
[stages.dev]
account = "123456789012"
region = "ap-northeast-1"
prefix = "ops"
suffix = "dev"
schedules = false
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[tuple[Path, LocalAws]]:
    """A generated project, beside an empty local AWS that is bootstrapped."""
    init(tmp_path, None)
    (tmp_path / "nightshift.toml").write_text(STAGES)
    try:
        local = up(tmp_path, deploy=False, fleet=False)
        Cdk(local, tmp_path, ensure_node_modules(tmp_path), {}).bootstrap()
        yield tmp_path, local
    finally:
        down(tmp_path)


def answered(answer: str, *arguments: str, cwd: Path) -> Done:
    """Runs `nightshift` on a terminal, where somebody writes a line."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return command(*arguments, cwd=cwd, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def machines(local: LocalAws) -> set[str]:
    found = local.session().client("stepfunctions").list_state_machines()["stateMachines"]
    return {machine["name"] for machine in found}


def test_a_stage_is_deployed_and_compared(project: tuple[Path, LocalAws]) -> None:
    folder, local = project
    refused = command("deploy", "dev", "--target", "local", cwd=folder)
    assert (refused.code, "--yes" in refused.err) == (1, True)
    assert "+ evening_stop: is new" in refused.out
    assert "its schedules are off at this stage" in refused.out
    mistaken = answered("prod", "deploy", "dev", "--target", "local", cwd=folder)
    assert (mistaken.code, "nothing was deployed" in mistaken.err) == (1, True)
    assert machines(local) == set()
    done = answered("dev", "deploy", "dev", "--target", "local", cwd=folder)
    assert done.code == 0, done.err
    assert "Deploy this to dev? Write its name:" in done.out
    assert "ops-evening_stop-dev" in machines(local)
    assert local.session().client("scheduler").list_schedules()["Schedules"] == []
    assert "Nothing changes." in command("diff", "dev", "--target", "local", cwd=folder).out
    assert json.loads(command("diff", "dev", "--json", "--target", "local", cwd=folder).out)["changes"] == []
    (folder / "nightshift.toml").write_text(STAGES.replace("false", '["evening_stop"]'))
    changed = command("diff", "dev", "--target", "local", cwd=folder).out
    assert "+ evening_stop: will start it: cron(" in changed
    again = command("deploy", "dev", "--json", "--target", "local", "--yes", cwd=folder)
    assert again.code == 0, again.err
    told = json.loads(again.out)
    assert (told["stage"], told["deployed"]) == ("dev", True)
    assert [c["sign"] for c in told["changes"] if c["what"] == "evening_stop"] == ["+"]
    (started,) = local.session().client("scheduler").list_schedules()["Schedules"]
    assert started["Name"].startswith("evening_stop")
    (folder / "nightshift.toml").write_text(STAGES.replace("123456789012", "111111111111"))
    other = command("diff", "dev", "--target", "local", cwd=folder)
    assert (other.code, "credentials are those of account" in other.err) == (1, True)


def test_a_destroyed_app_is_deployed_again_with_the_table_that_stayed(project: tuple[Path, LocalAws]) -> None:
    folder, local = project
    app = Cdk(local, folder, ensure_node_modules(folder), {"stage": "dev", "dashboard": "false"})
    stacks = ["--all", "--app", str(app.folder.cdk_out)]
    app.synth()
    app.run("deploy", [*stacks, "--require-approval", "never"])
    table = local.session().resource("dynamodb").Table("ops-dev")
    table.put_item(Item={"pk": "kept", "sk": "kept"})
    app.run("destroy", [*stacks, "--force"])
    assert machines(local) == set()
    app.run("deploy", [*stacks, "--require-approval", "never", "--import-existing-resources"])
    assert "ops-evening_stop-dev" in machines(local)
    assert table.get_item(Key={"pk": "kept", "sk": "kept"})["Item"]
    events = local.session().client("cloudformation").describe_stack_events(StackName="ops-dev")["StackEvents"]
    assert "IMPORT_COMPLETE" in {e["ResourceStatus"] for e in events if e["LogicalResourceId"] == "Table"}
