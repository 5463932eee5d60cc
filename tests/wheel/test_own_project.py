"""A project of one's own, made and used by nightshift as its wheel installs it, by the commands of its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.wheel.conftest import ROOT, Installed

PAGE = (ROOT / "docs/own-project.md").read_text(encoding="utf-8")


def commands(after: str) -> list[list[str]]:
    """The commands of the block of the page that follows a text."""
    block = PAGE.split(after)[1].split("```sh\n")[1].split("```")[0]
    return [line.split() for line in block.splitlines() if not line.startswith("cd ")]


@pytest.fixture(scope="module")
def project(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `nightshift init` wrote."""
    folder = tmp_path_factory.mktemp("empty")
    init = commands("# A project of your own")[0]
    assert init == ["nightshift", "init", "my-ops"]
    installed.run(folder, *init, "--ci", "github")
    return folder / init[-1]


def written(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_it_checks_and_compiles(installed: Installed, project: Path) -> None:
    check, compile_ = commands("# A project of your own")[1:]
    assert installed.run(project, *check) == "2 flows, no errors\n"
    assert "States" in json.loads(installed.run(project, *compile_))


def test_it_pins_the_version_that_wrote_it(installed: Installed, project: Path) -> None:
    version = installed.run(project, "nightshift", "--version").strip()
    assert f'dependencies = ["nightshift[local]=={version}"]' in (project / "pyproject.toml").read_text()
    assert 'name = "my-ops"' in (project / "pyproject.toml").read_text()


def test_the_page_names_every_file(installed: Installed, tmp_path: Path) -> None:
    installed.run(tmp_path, "nightshift", "init")
    named = set(re.findall(r"`([\w./-]+)`", PAGE.partition("\n| file ")[2].partition("\n\n")[0]))
    folders = ("flow_defs", "parts")
    top = {f"{path.name}/" if path.name in folders else path.name for path in tmp_path.iterdir()} - {"tests"}
    tests = {f"tests/{path.name}" for path in (tmp_path / "tests").glob("*.py")} | {"tests/plans/"}
    assert named == {*top, *tests, "templates/", "mail_from"}


def test_nothing_is_overwritten(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "flow_defs").mkdir()
    mine = tmp_path / "flow_defs/evening_stop.py"
    mine.write_text("# mine\n")
    said = installed.run(tmp_path, "nightshift", "init", code=1)
    assert "evening_stop.py" in said
    assert written(tmp_path) == {"flow_defs/evening_stop.py": "# mine\n"}


@pytest.mark.parametrize("command", [["up"], ["run", "nightly_backup"], ["simulate"]])
def test_outside_of_a_project_it_says_what_to_do(installed: Installed, tmp_path: Path, command: list[str]) -> None:
    said = installed.run(tmp_path, "nightshift", *command, code=1)
    assert "nightshift init" in said
    assert "make " not in said


def test_flows_alone_are_no_project(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "flow_defs").mkdir()
    assert "there is no cdk.json" in installed.run(tmp_path, "nightshift", "up", code=1)


@pytest.mark.e2e
def test_it_is_tested_synthesized_and_run(installed: Installed, project: Path) -> None:
    installed.run(project, "nightshift", "cdk", "synth", "--quiet")
    template = json.loads((project / "cdk.out/nightshift.template.json").read_text())
    names = {str(resource["Properties"].get("FunctionName")) for resource in template["Resources"].values()}
    assert "nightshift-ec2-stop_instances" in names
    try:
        told = [installed.run(project, *command) for command in commands("`local` is the extra")]
    finally:
        installed.run(project, "nightshift", "down")
    assert "4 passed" in told[0]
    assert "The plans of all flows are as tests/plans says." in told[0]
    assert "nightshift run nightly_backup" in told[1]
    assert "evening_stop" in told[3]


EMPTY = "from pathlib import Path; from nightshift.local import up; up(Path.cwd(), deploy=False)"


@pytest.mark.e2e
def test_it_is_deployed_by_the_cdk_cli(installed: Installed, tmp_path: Path) -> None:
    """To an account where nobody has deployed anything, by the two commands of the page, on a terminal."""
    bootstrap, deploy = commands("`nightshift doctor` says what a deployment still lacks.")
    assert (bootstrap[-1], deploy[-1]) == ("bootstrap", "deploy")
    installed.run(tmp_path, "nightshift", "init")
    try:
        installed.run(tmp_path, "python", "-c", EMPTY)
        lines = (tmp_path / ".nightshift/env").read_text().splitlines()
        aws = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        assert "bootstrapped" in installed.on_terminal(tmp_path, *bootstrap, aws=aws)
        told = installed.on_terminal(tmp_path, *deploy, aws=aws, asked="(y/n)", answer="y")
        assert "IAM Statement Changes" in told.partition("(y/n)")[0]
        assert "Stack ARN:" in told
        assert "SUCCEEDED" in installed.run(tmp_path, "nightshift", "run", "evening_stop")
    finally:
        installed.run(tmp_path, "nightshift", "down")


PART = '''

def humanized(count):
    """The count in words, by the package of parts/requirements.in."""
    import humanize

    return humanize.apnumber(count)
'''


@pytest.mark.e2e
def test_a_part_of_its_own_with_a_package(installed: Installed, tmp_path: Path) -> None:
    """By the commands of docs/own-part.md."""
    installed.run(tmp_path, "nightshift", "init")
    page = (ROOT / "docs/own-part.md").read_text(encoding="utf-8")
    new, packages = (block.splitlines() for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    assert packages[0] == "echo humanize > parts/requirements.in"
    installed.run(tmp_path, *new[0].replace("rds.stop_db_instance", "sqs.list_queues").split())
    part = tmp_path / "parts/sqs/list_queues.py"
    text = part.read_text() + PART
    part.write_text(text.replace('"ListQueues of sqs"', 'f"found {humanized(3)}"'))
    (tmp_path / "parts/requirements.in").write_text(packages[0].split()[1] + "\n")
    for command in packages[1:]:
        installed.run(tmp_path, *command.split())
    assert "--hash=sha256:" in (tmp_path / "parts/requirements.txt").read_text()
    flow = "from nightshift import flow\nfrom parts import sqs\n\n\n@flow\ndef queues():\n"
    flow += '    """List."""\n    return sqs.list_queues().summary\n\n\n'
    flow += '@flow\ndef each():\n    """List."""\n    return queues()\n'
    (tmp_path / "flow_defs/queues.py").write_text(flow)
    settings = tmp_path / "cdk.json"
    settings.write_text(settings.read_text().replace('"context": {', '"context": {"prefix": "ops", "suffix": "prod", '))
    assert "sqs.list_queues" in installed.run(tmp_path, "nightshift", "part", "list")
    assert "1 passed" in installed.run(tmp_path, "nightshift", "test", "--update", "tests/test_sqs_list_queues.py")
    # In the local AWS it can only come from the layer.
    installed.run(tmp_path, "python", "-m", "pip", "uninstall", "--quiet", "--yes", "humanize")
    try:
        told = installed.told(tmp_path, "nightshift", "up", "--json")
        assert told["dashboard"].startswith("http://127.0.0.1:")
        assert len(told["instances"]) == 16
        assert "found three" in installed.run(tmp_path, "nightshift", "run", "queues")
        assert "queues, called by each" in installed.run(tmp_path, "nightshift", "plan", "each")
        ran = json.loads(installed.run(tmp_path, "nightshift", "runs", "queues", "--json"))
        assert ":ops-queues-prod:" in ran[0]["execution_arn"]
    finally:
        installed.run(tmp_path, "nightshift", "down")
    installed.run(tmp_path, "nightshift", "cdk", "synth", "--quiet")
    template = json.loads((tmp_path / "cdk.out/nightshift.template.json").read_text())["Resources"]
    assert template["PartsLayer"]["Type"] == "AWS::Lambda::LayerVersion"
