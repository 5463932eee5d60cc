"""The commands that need no AWS: what they print, where, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lambdas.runs.app_names import AppNames
from nightshift import installation
from nightshift.cli import listing
from nightshift.project import load_flows
from nightshift.views.iam import policies
from tests.cli.conftest import ROOT, Cli, command

TWO = """
from lambdas.parts import ec2
from nightshift import flow

@flow
def first():
    ec2.describe_instances(tag="A=1")

@flow
def second(names: list[str] = ["a"], limit: int = 3):
    if limit > 2:
        for name in names:
            ec2.stop_instances(tag=f"Name={name}", on_failure="continue")
    return limit
"""

WIDE = """
from lambdas.parts import ec2
from nightshift import Failed, flow, for_each, parallel, sleep, wait_until

def web():
    return ec2.describe_instances(tag="Role=web").matched

def db():
    sleep("2m")
    return ec2.describe_instances(tag="Role=db").matched

@flow
def wide():
    found = parallel(web, db)
    for_each(found[0], lambda id: ec2.stop_instances(instance_id=id), at_most=2)
    wait_until("06:00", timezone="Asia/Tokyo")
    if not found[1]:
        raise Failed("no database")
    else:
        web()
    return len(found[1])
"""

BROKEN = """
from lambdas.parts import ec2
from nightshift import flow

@flow
def broken():
    with open("x") as file:
        pass
    ec2.stop_instances(tagg="A=1")
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "two.py").write_text(TWO)
    (tmp_path / "broken.py").write_text(BROKEN)
    return tmp_path


def test_compile_prints_a_state_machine_with_placeholders(cli: Cli, files: Path) -> None:
    done = cli("compile", f"{files / 'two.py'}:first")
    assert (done.code, done.err) == (0, "")
    machine = json.loads(done.out)
    task = machine["States"]["ec2.describe_instances"]
    assert task["Arguments"]["FunctionName"] == "${ec2.describe_instances}"


def test_compile_writes_the_same_to_a_file(cli: Cli, files: Path) -> None:
    printed = cli("compile", f"{files / 'two.py'}:first").out
    assert cli("compile", f"{files / 'two.py'}:first", "-o", files / "first.json").out == ""
    assert (files / "first.json").read_text() == printed


def test_compile_gives_the_same_whatever_was_compiled_before(cli: Cli, tmp_path: Path) -> None:
    head = "from lambdas.parts import ec2\nfrom nightshift import Failed, NightshiftError, flow\n\n"
    body = "    try:\n        ec2.describe_instances()\n    except NightshiftError:\n        return 1\n"
    (tmp_path / "b.py").write_text(f"{head}@flow\ndef b():\n{body}")
    (tmp_path / "a.py").write_text(f"{head}class Own(Failed):\n    pass\n\n@flow\ndef a():\n    raise Own('x')\n")
    alone = cli("compile", tmp_path / "b.py").out
    assert cli("compile", tmp_path / "a.py").code == 0
    assert cli("compile", tmp_path / "b.py").out == alone


def test_compile_needs_no_aws_no_cdk_and_no_node(files: Path) -> None:
    program = (
        "import sys; from nightshift.cli import run; code = run(['compile', 'two.py:first']);"
        "found = [m for m in ('boto3', 'botocore', 'aws_cdk', 'jsii', 'rich') if m in sys.modules];"
        "print(code, found, file=sys.stderr)"
    )
    environment = {"PATH": "", "HOME": str(files), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=files, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == "0 []\n"
    assert json.loads(done.stdout)["QueryLanguage"] == "JSONata"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("two.py", "two.py has 2 flows; write two.py:first or :second"),
        ("two.py:secnd", "there is no flow secnd in two.py; did you mean second?"),
        ("missing.py", "missing.py does not exist"),
    ],
)
def test_compile_says_what_to_write_instead(
    cli: Cli, files: Path, monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    monkeypatch.chdir(files)
    done = cli("compile", target)
    assert (done.code, done.out) == (1, "")
    assert message in done.err


def test_check_prints_every_error_with_its_place(cli: Cli, files: Path) -> None:
    done = cli("check", files)
    assert done.code == 1
    assert f"{files / 'broken.py'}:7:5: NS10" in done.out
    assert f"{files / 'broken.py'}:9:" in done.out
    assert "        ^" in done.out.replace("    ", "    ", 1)
    assert "2 errors in 1 file" in done.err
    found = json.loads(cli("check", files, "--json").out)
    assert [error["line"] for error in found] == [7, 9]


def test_check_of_the_examples_finds_nothing(cli: Cli) -> None:
    done = cli("check", ROOT / "flow_defs", ROOT / "flow_defs" / "nightly_backup.py")
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("flows, no errors\n")


def test_list_shows_the_next_times_in_the_flows_zone_and_in_utc(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    listing.list_flows(ROOT / "flow_defs", 2, False, now)
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    (row,) = [number for number, cells in enumerate(lines) if cells[0] == "nightly_backup"]
    assert [cell.strip() for cell in lines[row] if cell][1:] == [
        "cron(0 22 * * ? *) Asia/Tokyo",
        "2026-11-24 22:00 JST",
        "2026-11-24 13:00 UTC",
    ]
    assert [cell.strip() for cell in lines[row + 1] if cell] == ["2026-11-25 22:00 JST", "2026-11-25 13:00 UTC"]

    listing.list_flows(ROOT / "flow_defs", 1, True, now)
    flows = {flow["flow"]: flow for flow in json.loads(capsys.readouterr().out)}
    assert flows["nightly_backup"]["schedule"]["next"] == [
        {"local": "2026-11-24T22:00:00+09:00", "utc": "2026-11-24T13:00:00+00:00"}
    ]
    assert flows["recover_instance"]["on_alarm"]["parameters"] == {"instance_id": "InstanceId"}
    assert flows["recover_instance"]["parameters"][0] == {
        "name": "instance_id",
        "type": "str",
        "required": True,
        "default": None,
    }


def test_show_tells_a_flow_in_words(cli: Cli) -> None:
    done = cli("show", "nightly_backup", "--flow-defs", ROOT / "flow_defs")
    assert done.code == 0
    steps = done.out.split("\n\n")[-1].splitlines()
    assert [line.partition(" [")[0] for line in steps] == [
        "  Stop running instances and wait until they are stopped",
        "  try:",
        "    Snapshot volumes, wait until the snapshots are completed, and keep the newest generations",
        "  in any case, also after a failure:",
        "    Start stopped instances and wait until they run",
        "  Send a mail with SES",
    ]
    assert "started by  cron(0 22 * * ? *) Asia/Tokyo" in done.out


def test_show_and_list_tell_the_buttons_of_a_flow(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "office.py"
    presets = '{"Server A": {"tag": "Name=a"}, "Any": Preset(title_ja="任意", form=True)}'
    body = "def office(tag: str):\n    return tag\n"
    file.write_text(f"from nightshift import Preset, flow\n\n\n@flow(presets={presets})\n{body}", encoding="utf-8")
    shown = cli("show", file).out
    assert 'preset      Server A: tag="Name=a"\n' in shown
    assert "preset      Any: all parameters at their defaults (asks for the parameters)\n" in shown
    (listed,) = json.loads(cli("list", "--json", "--flow-defs", tmp_path).out)
    assert listed["presets"] == [
        {"title": "Server A", "parameters": {"tag": "Name=a"}, "title_ja": None, "form": False, "groups": []},
        {"title": "Any", "parameters": {}, "title_ja": "任意", "form": True, "groups": []},
    ]


def test_show_tells_branches_loops_and_parameters(cli: Cli, files: Path) -> None:
    done = cli("show", f"{files / 'two.py'}:second")
    assert "parameter   limit: int, default 3" in done.out
    steps = done.out.split("\n\n")[-1].splitlines()
    assert [line.partition(" [")[0] for line in steps] == [
        "  if limit > 2:",
        "    for each name of names:",
        "      Stop running instances and wait until they are stopped",
        "  end, with the result limit",
    ]


def test_show_tells_what_runs_side_by_side_and_in_helpers(cli: Cli, files: Path) -> None:
    (files / "wide.py").write_text(WIDE)
    steps = cli("show", files / "wide.py").out.split("\n\n")[-1].splitlines()
    assert [line.partition(" [")[0] for line in steps] == [
        "  side by side:",
        "    web:",
        "      Read the state of instances",
        "    db:",
        "      wait 2m",
        "      Read the state of instances",
        "  for each of found[0], at most 2 at a time:",
        "    Stop running instances and wait until they are stopped",
        "  wait until 06:00, Asia/Tokyo",
        "  if not found[1]:",
        "    fail: Failed('no database')",
        "  otherwise:",
        "    web:",
        "      Read the state of instances",
        "  end, with the result len(found[1])",
    ]


def test_show_draws_a_wait_loop_as_one_step(cli: Cli) -> None:
    drawn = cli("show", "nightly_backup", "--flow-defs", ROOT / "flow_defs", "--as", "mermaid").out
    lines = drawn.splitlines()
    assert lines[0] == "flowchart TD"
    nodes = {line.split("[")[0].strip(): line for line in lines if '["' in line}
    assert not [line for line in lines if ": wait" in line or ": done?" in line]
    stop, snapshot = (next(n for n, line in nodes.items() if name in line) for name in ("stop_inst", "create_snap"))
    assert f"  {stop} --> {snapshot}" in lines
    assert any(line.startswith(f'  {snapshot} -.->|"States.ALL"|') for line in lines)


def test_show_as_asl_is_what_compile_prints(cli: Cli) -> None:
    shown = cli("show", "nightly_backup", "--flow-defs", ROOT / "flow_defs", "--as", "asl").out
    assert shown == cli("compile", ROOT / "flow_defs" / "nightly_backup.py").out


def test_show_as_iam_is_what_the_functions_of_an_app_get(cli: Cli) -> None:
    (flow,) = [flow for flow in load_flows(ROOT / "flow_defs") if flow.name == "nightly_backup"]
    shown = cli("show", flow.name, "--flow-defs", ROOT / "flow_defs", "--as", "iam").out
    assert json.loads(shown) == policies([flow])
    shown = cli("show", flow.name, "--flow-defs", ROOT / "flow_defs", "--as", "iam", "--prefix", "ops").out
    assert json.loads(shown) == policies([flow], AppNames("ops"))
    assert ":log-group:/aws/lambda/ops-ec2-stop_instances:*" in shown


def test_a_flow_that_does_not_exist_gets_the_nearest_name(cli: Cli) -> None:
    done = cli("show", "nightly_bakup", "--flow-defs", ROOT / "flow_defs")
    assert done.code == 1
    assert "did you mean nightly_backup?" in done.err


def test_a_broken_flow_does_not_hide_the_others(cli: Cli, files: Path) -> None:
    (files / "second.py").write_text(TWO)
    (files / "two.py").unlink()
    assert cli("show", "second", "--flow-defs", files).code == 0


def test_wrong_usage_exits_2(cli: Cli) -> None:
    assert cli("list", "--next", "soon").code == 2
    assert cli("comple", "x.py").code == 2
    assert cli().code == 2


def test_it_prints_its_version(cli: Cli) -> None:
    assert cli("--version").out == f"{installation.version()}\n"


def test_a_shell_completes_commands_and_options(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what `--show-completion` prints for it."""
    assert "_NIGHTSHIFT_COMPLETE=complete_bash" in cli("--show-completion", "bash").out
    program = "import sys; sys.argv = ['nightshift']; from nightshift.cli import main; main()"
    for words, completed in (
        ("nightshift simu", "simulate"),
        ("nightshift part s", "show"),
        ("nightshift run --dr", "--dry-run"),
    ):
        asked = {"_NIGHTSHIFT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        done = subprocess.run(
            [sys.executable, "-c", program], env=os.environ | asked, capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == [completed], done.stderr


def test_every_option_is_explained(cli: Cli) -> None:
    for name in ("compile", "check", "list", "show", "run", "up", "down", "mail", "local fault", "local status"):
        done = cli(*name.split(), "--help")
        assert done.code == 0
        options = [line for line in done.out.splitlines() if line.strip().startswith("-")]
        assert all(len(line.split("  ")) > 1 for line in options), options


def test_a_bug_of_ours_exits_3_and_asks_for_a_report(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("nightshift.cli.compiling.compile_to")
    done = cli("compile", "x.py")
    assert done.code == 3
    assert "Please report it" in done.err


def test_commands_that_need_the_local_aws_say_how_to_start_it(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (("mail",), ("run", "evening_stop", "--flow-defs", str(ROOT / "flow_defs"))):
        done = cli(*arguments)
        assert done.code == 1
        assert "start it with `nightshift up`" in done.err
    assert cli("down").out == "No local AWS was running here\n"


def test_a_reader_that_has_enough_gets_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", "from nightshift.cli import main; main()", "list", "--flow-defs", ROOT / "flow_defs"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_times_are_in_utc_when_the_machine_is_not(tmp_path: Path) -> None:
    done = command("list", "--json", "--flow-defs", ROOT / "flow_defs", cwd=tmp_path, env={"TZ": "America/New_York"})
    (times,) = [f["schedule"]["next"] for f in json.loads(done.out) if f["flow"] == "nightly_backup"]
    assert datetime.fromisoformat(times[0]["utc"]).utcoffset() == UTC.utcoffset(None)
    assert datetime.fromisoformat(times[0]["local"]).hour == 22


def test_a_command_loads_what_it_needs_only_when_it_runs() -> None:
    asked = "import sys, nightshift.cli.app; print([m for m in sys.modules if m.startswith('nightshift.compiler')])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("arguments", [("deploy", "--require-approval", "never"), ("--verbose", "diff"), ("ls",)])
def test_the_cdk_cli_outside_of_a_project_says_how_to_start_one(
    arguments: tuple[str, ...], cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not `--app is required`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    done = cli("cdk", *arguments)
    assert (done.code, done.out) == (1, "")
    assert "there is no cdk.json in this folder" in done.err
    assert "`nightshift init my-ops`" in done.err


def test_a_file_that_is_not_there_is_told_in_words(cli: Cli, tmp_path: Path) -> None:
    """And not as Python tells it."""
    for file, said in ((tmp_path / "crontab", "there is no such file or folder"), (tmp_path, "it is a folder")):
        done = cli("import", "crontab", file)
        assert (done.code, done.err.partition(said)[0]) == (1, f"nightshift: {file}: ")
