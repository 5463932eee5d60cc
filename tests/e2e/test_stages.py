"""A stage of a generated project, deployed to a local AWS and compared with it by the commands of the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightshift.cli.project.starting import init
from nightshift.local import LocalAws, down, up
from nightshift.local.cdk import Cdk
from nightshift.local.node import ensure_node_modules
from tests.cli.conftest import command

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


def test_a_stage_is_deployed_and_compared(project: tuple[Path, LocalAws]) -> None:
    folder, local = project
    refused = command("deploy", "dev", "--target", "local", cwd=folder)
    assert (refused.code, "--yes" in refused.err) == (1, True)
    assert "+ evening_stop: is new" in refused.out
    assert "its schedules are off at this stage" in refused.out
    done = command("deploy", "dev", "--json", "--target", "local", "--yes", cwd=folder)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["stage"], told["deployed"]) == ("dev", True)
    assert [c["sign"] for c in told["changes"] if c["what"] == "evening_stop"] == ["+"]
    machines = local.session().client("stepfunctions").list_state_machines()["stateMachines"]
    assert "ops-evening_stop-dev" in {machine["name"] for machine in machines}
    assert local.session().client("scheduler").list_schedules()["Schedules"] == []
    assert "Nothing changes." in command("diff", "dev", "--target", "local", cwd=folder).out
    assert json.loads(command("diff", "dev", "--json", "--target", "local", cwd=folder).out)["changes"] == []
    (folder / "nightshift.toml").write_text(STAGES.replace("false", '["evening_stop"]'))
    changed = command("diff", "dev", "--target", "local", cwd=folder).out
    assert "+ evening_stop: will start it: cron(" in changed
    (folder / "nightshift.toml").write_text(STAGES.replace("123456789012", "111111111111"))
    other = command("diff", "dev", "--target", "local", cwd=folder)
    assert (other.code, "credentials are those of account" in other.err) == (1, True)
