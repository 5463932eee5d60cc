"""Stages of a project: what nightshift.toml may say, and what a deployment to one changes, in words."""

from __future__ import annotations

import json
import os
import pty
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_cdk import App

from lambdas.runs.app_names import AppNames
from nightshift.cli.project.starting import init
from nightshift.cli.stages.changes import changes
from nightshift.cli.stages.deploying import NotApproved, ask
from nightshift.cli.stages.templates import synthesized
from nightshift.errors import CompileErrors
from nightshift.stages import FILE, KEYS, Stage, StageError, all_stages, find_stage
from stacks.settings import Settings
from tests.cli.conftest import ROOT, Cli

TABLE = '[stages.dev]\naccount = "123456789012"\nregion = "eu-west-1"\n'
SOURCE = """
from lambdas.parts import ec2
from nightshift import daily, flow


@flow(schedule=daily("20:00", timezone="Asia/Tokyo"))
def evening(tag: str = "AutoOff=yes"):
    return ec2.stop_instances(tag=tag).summary


@flow(schedule=daily("05:00", timezone="Asia/Tokyo"))
def morning(count: int = 1):
    return count
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two flows and no stages yet."""
    (tmp_path / "flow_defs").mkdir()
    (tmp_path / "flow_defs" / "flows.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_stage_has_its_own_parameters_and_schedules(project: Path) -> None:
    (project / "nightshift.toml").write_text(
        TABLE + 'prefix = "ops-dev"\nschedules = ["evening"]\n[stages.dev.parameters.evening]\ntag = "Env=dev"\n'
    )
    evening, morning = find_stage("dev").flows()
    assert evening.parameters[0].default == "Env=dev"
    assert "Env=dev" in json.dumps(evening.definition)
    assert evening.options.schedule is not None
    assert evening.options.schedule.expressions
    assert morning.options.schedule is not None
    assert morning.options.schedule.expressions == ()
    assert (morning.options.schedule.words, morning.options.gated) == ("off", True)


def test_stages_may_lie_in_pyproject(project: Path) -> None:
    (project / "pyproject.toml").write_text(TABLE.replace("[stages", "[tool.nightshift.stages"))
    assert list(all_stages()) == ["dev"]
    assert find_stage("dev").starts("evening")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there are no stages"),
        ("[stages.dev]\n", "12 digits"),
        ("[stages.dev\n", "is no TOML"),
        (TABLE.replace("eu-west-1", "eu-wst-1"), "did you mean 'eu-west-1'"),
        (TABLE + "acount = 1\n", "did you mean account?"),
        (TABLE + "prefix = 1\n", "write a text"),
        (TABLE + 'schedules = "off"\n', "write true, false"),
        (TABLE + "parameters = 3\n", "write a table"),
        (TABLE.replace("dev", "prod"), "which is none of prod"),
        (TABLE + "[stages.dev.parameters.evenin]\n", "did you mean evening?"),
        (TABLE + "schedules = { mornin = false }\n", "did you mean morning?"),
    ],
)
def test_what_is_wrong_is_said(project: Path, text: str, said: str) -> None:
    (project / "nightshift.toml").write_text(text)
    with pytest.raises(StageError, match=r"(?s).*" + said.replace("?", r"\?")):
        find_stage("dev").flows()


@pytest.mark.parametrize(
    ("given", "code"),
    [("morning]\ncount = 'many'", "NS308"), ("morning]\nn = 1", "NS301"), ("evening]\ntag = '=x'", "NS310")],
)
def test_parameters_of_a_stage_are_checked(project: Path, given: str, code: str) -> None:
    """By name, type, and as constants of the flow are."""
    (project / "nightshift.toml").write_text(f"{TABLE}[stages.dev.parameters.{given}\n")
    with pytest.raises(CompileErrors) as raised:
        find_stage("dev").flows()
    (error,) = raised.value.errors
    written = f"{TABLE}[stages.dev.parameters.{given}".count("\n") + 1
    file = error.file.resolve()
    assert (error.code, file, error.line, error.column) == (code, project / "nightshift.toml", written, 1)
    assert error.source_line == given.partition("\n")[2]


@pytest.mark.parametrize(
    ("tables", "file", "place"),
    [
        ("[stages.dev.parameters]\nevening = { tag = '=x' }\n", "nightshift.toml", (-1, 13)),
        ("[stages.dev.parameters]\nevening.tag = '=x'\n", "nightshift.toml", (-1, 9)),
        ("parameters.evening.tag = '=x'\n", "nightshift.toml", (-1, 20)),
        ("[stages.dev.parameters.'evening']\n'tag' = '=x'\n", "nightshift.toml", (-1, 2)),
        ("[tool.nightshift.stages.dev.parameters.evening]\ntag = '=x'\n", "pyproject.toml", (-1, 1)),
    ],
)
def test_where_a_stage_gives_what_is_wrong(project: Path, tables: str, file: str, place: tuple[int, int]) -> None:
    """However TOML writes it."""
    text = (TABLE if file == FILE else TABLE.replace("[stages", "[tool.nightshift.stages")) + tables
    (project / file).write_text(text)
    (project / "pyproject.toml").touch()
    with pytest.raises(CompileErrors) as raised:
        find_stage("dev", project).flows(project / "flow_defs")
    (error,) = raised.value.errors
    lines = text.splitlines()
    assert (error.code, error.file) == ("NS310", project / file)
    assert (error.line, error.column) == (len(lines) + 1 + place[0], place[1])


def test_the_command_names_the_stages_there_are(project: Path, cli: Cli) -> None:
    (project / "nightshift.toml").write_text(TABLE)
    done = cli("deploy", "prod")
    assert done.code == 1
    assert "which is none of dev" in done.err


def test_the_stages_of_the_page_are_accepted(project: Path) -> None:
    """With its flow, whose parameter they set."""
    page = (ROOT / "docs/stages.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (project / "nightshift.toml").write_text(shown)
    (project / "flow_defs/flows.py").write_text(SOURCE.replace("evening", "evening_stop"))
    dev, prod = (find_stage(name) for name in all_stages())
    assert dev.flows()[0].parameters[0].default == "Env=dev"
    assert (dev.starts("evening_stop"), prod.starts("evening_stop")) == (False, True)
    for stage, sender in ((dev, "ops-dev@example.com"), (prod, "ops@example.com")):
        settings = Settings.of(App(context={"stage": stage.name, "mail_from": "other@example.com"}).node)
        assert (settings.mail_from, settings.names.prefix) == (sender, stage.names.prefix)
    assert (dev.names.prefix, prod.names.prefix) == ("ops-dev", "nightshift")
    # tests/e2e/test_stages.py runs the first two, tests/wheel/test_own_project.py the third.
    commands = re.findall(r"^nightshift (.+)$", page, re.MULTILINE)
    assert commands == ["diff dev", "deploy dev", "init my-ops --ci github"]
    keys = re.findall(r"^\| (`.+?) \|", page, re.MULTILINE)
    assert {key for row in keys for key in re.findall(r"`([a-z_]+)", row)} == set(KEYS)


@pytest.mark.parametrize(("written", "approved"), [("dev", True), ("", False), ("yes", False)])
def test_a_person_approves_on_a_terminal_by_the_name_of_the_stage(
    monkeypatch: pytest.MonkeyPatch, written: str, approved: bool
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{written}\n".encode())
    with open(theirs, encoding="utf-8") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        with nullcontext() if approved else pytest.raises(NotApproved, match="nothing was deployed"):
            ask(Stage("dev", "123456789012", "eu-west-1"))
    os.close(ours)


def machine(comment: str, **states: Any) -> dict[str, Any]:
    """The state machine of the flow `nightly`."""
    definition = json.dumps({"Comment": comment, "States": states})
    properties = {"StateMachineName": "ops-nightly", "DefinitionString": {"Fn::Sub": definition}}
    return {"Nightly": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}


def schedule(expression: str) -> dict[str, Any]:
    """Its schedule."""
    properties = {"Name": "nightly", "ScheduleExpression": expression, "ScheduleExpressionTimezone": "UTC"}
    return {"NightlySchedule": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}}


def role(*actions: str) -> dict[str, Any]:
    """A role that may do something with any instance."""
    allow = {"Effect": "Allow", "Action": list(actions), "Resource": {"Fn::Sub": "arn:${AWS::Partition}:ec2:*"}}
    properties = {"Description": "Runs it", "Policies": [{"PolicyDocument": {"Statement": [allow]}}]}
    return {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}


def said(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    return [f"{change.sign} {change.what}: {change.words}" for change in changes(before, after, AppNames("ops"))]


def test_changes_in_words() -> None:
    old = machine("a", stop={"Type": "Task"}, gone={"Type": "Pass"}) | schedule("rate(1 day)") | role("ec2:Stop")
    new = machine("a", stop={"Type": "Wait"}, more={"Type": "Pass"}) | schedule("rate(1 hour)") | role("ec2:Start")
    assert said(old, new) == [
        "~ nightly: steps new: more; removed: gone; changed: stop",
        "~ nightly: rate(1 day) UTC -> rate(1 hour) UTC",
        "+ Runs it: may ec2:Start on arn:aws:ec2:*",
        "- Runs it: may no longer ec2:Stop on arn:aws:ec2:*",
    ]
    assert said(None, machine("Does it."))[0] == "+ nightly: is new: Does it."
    assert said(machine("a") | schedule("rate(1 day)"), {}) == [
        "- nightly: is removed",
        "- nightly: will no longer start it: rate(1 day) UTC",
    ]


def test_lines_of_the_file_are_no_change() -> None:
    before = machine("old", stop={"Type": "Task", "Comment": "flows.py:3: stop"})
    after = machine("new", stop={"Type": "Task", "Comment": "flows.py:9: stop"})
    assert said(before, after) == []
    other = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "a"}}}
    assert said({}, other) == ["+ AWS::DynamoDB::Table: 1 new"]


def test_what_no_words_are_for_is_counted() -> None:
    """Else `deploy` would say that nothing changes, and not deploy it."""
    for before, properties in (
        (machine("a"), {"LoggingConfiguration": {"Level": "ERROR"}}),
        (schedule("rate(1 day)"), {"Target": {"Input": "{}"}}),
        (role("ec2:Stop"), {"AssumeRolePolicyDocument": {"Statement": []}}),
    ):
        ((name, resource),) = before.items()
        after = {name: {**resource, "Properties": resource["Properties"] | properties}}
        assert said(before, after) == [f"~ {resource['Type']}: 1 changed"]


def test_all_stacks_of_an_app_are_compared(tmp_path: Path) -> None:
    """`deploy` deploys all of them: each with its name, where it is deployed, and with its nested stacks."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "flows.json"}}
    for file, resources in (
        ("ops.json", {"Flows": nested}),
        ("flows.json", machine("Does it.")),
        ("edge.json", role("ec2:Stop")),
        ("assembly-eu/eu.json", schedule("rate(1 day)")),
    ):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(json.dumps({"Resources": resources}))

    def stack(file: str, environment: str, **properties: str) -> dict[str, Any]:
        return {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{environment}",
            "properties": {"templateFile": file, **properties},
        }

    artifacts = {
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
        "ops": stack("ops.json", "unknown-account/unknown-region"),
        "Edge": stack("edge.json", "123456789012/us-east-1", stackName="ops-edge"),
        "assembly-eu": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-eu"}},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    eu = {"artifacts": {"eu": stack("eu.json", "123456789012/eu-west-1")}}
    (tmp_path / "assembly-eu/manifest.json").write_text(json.dumps(eu))
    found = {s.stack: (s.region, list(s.resources)) for s in synthesized(tmp_path)}
    assert found == {
        "ops": ("", ["Nightly"]),
        "ops-edge": ("us-east-1", ["Role"]),
        "eu": ("eu-west-1", ["NightlySchedule"]),
    }


def test_the_pipelines_deploy_from_the_main_branch_only(tmp_path: Path) -> None:
    """Whoever may push a branch cannot so deploy prod; AWS's sign-in stands in no job that runs a pull request."""
    init(tmp_path / "a", "github")
    jobs = yaml.safe_load((tmp_path / "a/.github/workflows/flows.yml").read_text())["jobs"]
    main = "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
    assert jobs["deploy"]["if"] == f"github.event_name != 'pull_request' && {main}"
    assert jobs["deploy"]["environment"] == "${{ inputs.stage || 'dev' }}", "a merge gives no input"
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == ["deploy"]
    init(tmp_path / "b", "gitlab")
    jobs = yaml.safe_load((tmp_path / "b/.gitlab-ci.yml").read_text())
    signs_in = [name for name, job in jobs.items() if isinstance(job, dict) and job.get("extends") == ".deploy"]
    assert signs_in == ["dev", "prod"]
    assert [name for name in signs_in if jobs[name]["rules"][0].get("when") == "manual"] == ["prod"]
    for name in signs_in:
        assert [rule["if"] for rule in jobs[name]["rules"]] == ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]
