"""`nightshift run` against the local AWS, with the app really deployed to it."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from typing import Any

import pytest

from nightshift.cli.target import operator
from nightshift.local import LocalAws, up
from tests.cli.conftest import ROOT, Done, command
from tests.waiting import until

pytestmark = pytest.mark.e2e
FLOWS = ("--flow-defs", str(ROOT / "flow_defs"))
# As in a terminal, also where the tests run in the background of a shell, which has its children ignore Ctrl-C.
_HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
START = [sys.executable, "-c", f"{_HEARS_CTRL_C}from nightshift.cli import main; main()"]


def nightshift(local: LocalAws, *arguments: str, **env: str) -> Done:
    return command(*arguments, cwd=local.project, env=env)


def states(local: LocalAws) -> dict[str, str]:
    """State by name of the fleet's instances."""
    ec2: Any = local.session().client("ec2")
    found = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    return {
        next((t["Value"] for t in i.get("Tags", []) if t["Key"] == "Name"), i["InstanceId"]): i["State"]["Name"]
        for i in found
    }


def test_the_nightly_backup_is_shown_step_by_step_and_reported(local: LocalAws) -> None:
    before = states(local)
    done = nightshift(local, "run", "nightly_backup", *FLOWS)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "nightly_backup on the local AWS"
    assert any("ec2.stop_instances: waiting for " in line for line in lines)
    rows = {line.split()[0]: line.split() for line in lines if "succeeded" in line}
    assert rows["ec2.stop_instances"][1:6] == ["succeeded", "4", "3", "1", "0"]
    assert rows["ec2.start_instances"][1:6] == ["succeeded", "3", "3", "0", "0"]
    assert any(line.startswith("nightly_backup SUCCEEDED in ") for line in lines)
    assert states(local) == before
    mail = nightshift(local, "mail", "--last")
    assert "Mail: nightly_backup: 9 volumes snapshotted" in mail.out
    assert json.loads(nightshift(local, "mail", "--json").out)[-1]["to"] == ["ops@example.com"]


def test_the_demo_fits_a_screen(local: LocalAws) -> None:
    """What `make demo` prints: of each step a line, names beside ids, how it ended, the mail, and one address."""
    recipe = (ROOT / "Makefile").read_text().partition("\ndemo: ")[2].partition("\n\n")[0]
    run, mail = (re.search(rf"nightshift ({command} .*)", recipe) for command in ("run", "mail"))
    assert run is not None
    assert mail is not None
    done = nightshift(local, *run[1].split(), *FLOWS)
    assert (done.code, done.err) == (0, "")
    steps = [line.split()[1].rstrip(":") for line in done.out.splitlines()[1:] if re.match(r"\d\d:\d\d:\d\d  ", line)]
    assert steps == ["ec2.stop_instances", "ebs.create_snapshot", "ec2.start_instances", "notify.email"]
    assert re.search(r"i-[0-9a-f]{17} \(db-2\) left alone: already stopped", done.out)
    assert re.search(r"nightly_backup SUCCEEDED in .*: 15 changed, 1 left alone", done.out)
    sent = nightshift(local, *mail[1].split()).out
    printed = [*done.out.splitlines(), *sent.splitlines()]
    assert len(printed) + len(recipe.splitlines()) <= 40
    assert max(map(len, done.out.splitlines())) <= 120
    assert "http://127.0.0.1" not in done.out + sent
    assert recipe.count("The dashboard: ") == 1


def test_a_dry_run_changes_nothing_and_reports_as_json(local: LocalAws) -> None:
    before = states(local)
    done = nightshift(local, "run", "evening_stop", "--dry-run", "--json", *FLOWS)
    report = json.loads(done.out)
    assert (done.code, report["status"], report["dry_run"]) == (0, "SUCCEEDED", True)
    (step,) = report["steps"]
    assert len(step["result"]["changed"]) == 3
    assert states(local) == before


def test_a_plan_has_every_step_with_counts_and_changes_nothing(local: LocalAws) -> None:
    before = states(local)
    done = nightshift(local, "plan", "nightly_backup", *FLOWS)
    assert (done.code, done.err) == (0, "")
    rows = {line.split()[0]: line.split()[1:6] for line in done.out.splitlines() if " run " in line}
    assert rows["ec2.stop_instances"] == ["run", "4", "3", "1", "0"]
    assert rows["ebs.create_snapshot"] == ["run", "9", "9", "0", "0"]
    assert done.out.splitlines()[-1] == "12 resources would change, 4 be skipped, 0 fail"
    assert re.search(r"^ec2.stop_instances: would change .*i-[0-9a-f]{17} \(db-1\)", done.out, re.MULTILINE)
    assert states(local) == before


def test_the_plan_of_a_flow_has_that_of_the_flow_it_calls(local: LocalAws) -> None:
    done = nightshift(local, "plan", "larger_at_month_end", "--json", *FLOWS)
    plan = json.loads(done.out)
    assert (done.code, plan["status"], [step["would"] for step in plan["steps"]]) == (0, "SUCCEEDED", ["run"])
    (called,) = plan["called"]
    assert called["flow"] == "change_spec"
    would = {step["step"]: (step["would"], step["says"]) for step in called["steps"]}
    assert would["notify.email"] == ("not run", "only if ec2.modify_instance_attribute fails")
    assert plan["counts"]["changed"] == len(called["steps"][0]["results"][0]["changed"]) == 1

    def child() -> dict[str, Any] | None:
        listed = json.loads(nightshift(local, "runs", "change_spec", "--json").out)
        return next((run for run in listed if run["execution_arn"] == called["execution_arn"]), None)

    run = until(child, "the record of the run that the run started")
    assert (run["trigger"]["type"], run["trigger"]["flow"]) == ("flow", "larger_at_month_end")


def test_a_plan_that_fails_exits_1_and_says_what_to_do(local: LocalAws) -> None:
    done = nightshift(local, "plan", "recover_instance", "-p", "instance_id=i-0123456789abcdef0", *FLOWS)
    assert done.code == 1
    assert "The run would end FAILED" in done.out
    assert "What to do: " in done.out


def test_runs_are_recorded_and_reported_again(local: LocalAws) -> None:
    said = json.loads(nightshift(local, "run", "evening_stop", "--dry-run", "--json", *FLOWS).out)
    name = said["execution_arn"].rpartition(":")[2]

    def recorded() -> dict[str, Any] | None:
        listed = json.loads(nightshift(local, "runs", "evening_stop", "--since", "1h", "--json").out)
        return next(
            (r for r in listed if r["execution_arn"] == said["execution_arn"] and r["state"] != "RUNNING"), None
        )

    run = until(recorded, "the record of the run")
    assert (run["run"], run["state"], run["dry_run"]) == (f"evening_stop/{name}", "SUCCEEDED", True)
    assert run["trigger"] == {"type": "manual", "by": operator("local")}
    assert run["counts"]["changed"] == len(said["steps"][0]["result"]["changed"])
    again = nightshift(local, "report", run["run"], "--json")
    kept = json.loads(again.out)
    assert (kept["steps"], kept["output"]) == (said["steps"], said["output"])
    assert nightshift(local, "report", said["execution_arn"], "--json").out == again.out
    shown = nightshift(local, "report", run["run"]).out.splitlines()
    assert any(line.startswith("evening_stop SUCCEEDED in ") for line in shown)
    assert f"started by {run['trigger']['by']}" in shown
    row = next(line for line in nightshift(local, "runs").out.splitlines() if line.startswith(run["run"]))
    assert row.split()[1] == "SUCCEEDED"
    assert row.endswith("dry run")


def test_a_run_that_is_not_recorded_is_not_reported(local: LocalAws) -> None:
    done = nightshift(local, "report", "evening_stop/never")
    assert (done.code, done.out) == (1, "")
    assert "there is no record of evening_stop/never; `nightshift runs evening_stop` lists" in done.err
    assert nightshift(local, "runs", "--state", "done").code == 1
    assert "write one of running, succeeded" in nightshift(local, "runs", "--state", "done").err
    misspelled = nightshift(local, "runs", "evening_stopp")
    assert (misspelled.code, misspelled.out) == (1, "No runs were recorded that are like that\n")
    assert "There is nightshift-evening_stop." in misspelled.err


def test_a_run_that_fails_exits_1_and_says_what_to_do(local: LocalAws) -> None:
    done = nightshift(local, "run", "recover_instance", "-p", "instance_id=i-0123456789abcdef0", *FLOWS)
    assert done.code == 1
    assert "recover_instance FAILED in " in done.out
    assert "i-0123456789abcdef0" in done.out
    assert "What to do: " in done.out
    assert "notify.email" in done.out


def test_parameters_are_checked_before_anything_starts(local: LocalAws) -> None:
    done = nightshift(local, "run", "recover_instance", "-p", "instance=i-1", *FLOWS)
    assert done.code == 1
    assert done.err.splitlines() == [
        "nightshift: instance_id is missing; it takes text",
        "recover_instance has no parameter instance; did you mean instance_id?",
    ]


def test_a_flow_that_is_not_deployed_is_not_started(local: LocalAws) -> None:
    file = local.project / "elsewhere.py"
    file.write_text("from nightshift import flow\n\n@flow\ndef evening_stopp():\n    return 1\n")
    done = nightshift(local, "run", "elsewhere.py:evening_stopp")
    assert done.code == 1
    assert "there is no state machine nightshift-evening_stopp" in done.err
    assert "There is nightshift-evening_stop." in done.err


def test_the_account_of_the_credentials_is_the_other_target(local: LocalAws) -> None:
    done = nightshift(local, "run", "evening_stop", "--dry-run", "--target", "aws", *FLOWS, **local.environment())
    assert done.code == 0
    assert done.out.startswith("evening_stop on AWS, dry run: nothing is changed\n")


def test_leaving_the_display_says_that_the_run_goes_on(local: LocalAws) -> None:
    process = subprocess.Popen(
        [*START, "run", "nightly_backup", *FLOWS],
        cwd=local.project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # The first step; that it "started" may have passed by when a busy machine looks for the first time.
    while "ec2.stop_instances: " not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    (arn,) = [line.split()[-1] for line in err.splitlines() if line.startswith("The run goes on: ")]
    assert f"nightshift stop nightly_backup/{arn.rpartition(':')[2]}" in err
    stepfunctions: Any = local.session().client("stepfunctions")
    assert stepfunctions.describe_execution(executionArn=arn)["status"] in ("RUNNING", "SUCCEEDED")
    stepfunctions.stop_execution(executionArn=arn)


def test_on_a_terminal_the_run_is_drawn(local: LocalAws) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*START, "run", "evening_stop", "--dry-run", *FLOWS],
        cwd=local.project,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    drawn = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            # Linux gives EIO when the other side of a terminal is closed.
            break
        if not read:
            break
        drawn += read
    assert process.wait(timeout=60) == 0
    text = drawn.decode()
    assert "✓" in text
    assert "would stop 3 instances" in text


def test_a_bad_night_can_be_tried(local: LocalAws) -> None:
    try:
        done = nightshift(local, "local", "fault", "capacity", "--tag", "Role=batch")
        assert done.out.splitlines()[-1].split() == ["capacity", "tag=Role=batch", "0"]
        done = nightshift(local, "run", "morning_start", *FLOWS)
        assert done.code == 1
        assert "InsufficientInstanceCapacity" in done.out
        (fault,) = json.loads(nightshift(local, "local", "fault", "--json").out)
        assert fault["hits"] >= 1
    finally:
        assert nightshift(local, "local", "fault", "--clear").out == "No fault is set\n"
    names = names_and_states(local)
    # Capacity is one of a type in a zone: both servers of it stay down, in whatever order they were asked for.
    assert (names["batch-1"], names["batch-2"]) == ("stopped", "stopped"), done.out
    assert (names["app-2"], names["web-1"], names["web-2"]) == ("running", "running", "running"), done.out


def test_a_run_that_failed_is_redriven_and_followed(local: LocalAws) -> None:
    try:
        nightshift(local, "local", "fault", "error", "--action", "StopInstances", "--code", "UnauthorizedOperation")
        failed = json.loads(nightshift(local, "run", "evening_stop", "--json", *FLOWS).out)
    finally:
        nightshift(local, "local", "fault", "--clear")
    assert failed["status"] == "FAILED"
    redriven = json.loads(nightshift(local, "redrive", failed["execution_arn"], "--json").out)
    assert redriven["done"] == "redriven"
    followed = nightshift(local, "follow", redriven["run"], "--json", *FLOWS)
    assert (followed.code, json.loads(followed.out)["status"]) == (0, "SUCCEEDED")


def names_and_states(local: LocalAws) -> dict[str, str]:
    """State by name, as `nightshift local status` tells it."""
    return {
        i["tags"].get("Name"): i["state"]
        for i in json.loads(nightshift(local, "local", "status", "--json").out)["instances"]
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["capacty"], "did you mean capacity?"),
        (["error"], "add --code"),
        (["slow"], "add --factor 10"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(local: LocalAws, arguments: list[str], message: str) -> None:
    done = nightshift(local, "local", "fault", *arguments)
    assert done.code == 1
    assert message in done.err


def test_a_changed_and_a_new_flow_are_deployed_to_what_is_up(local: LocalAws) -> None:
    """Last in this file: it changes what is deployed."""
    flows = local.project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs", flows)
    changed = flows / "evening_stop.py"
    changed.write_text(changed.read_text().replace("return stopped.summary", 'return "changed"'))
    (flows / "greet.py").write_text("from nightshift import flow\n\n@flow\ndef greet():\n    return 1\n")
    events: list[str] = []
    again = up(local.project, app=ROOT, flow_defs=flows, on_event=events.append)
    assert again.dashboard is not None
    assert not [event for event in events if again.dashboard.url in event], "its address is told once, at the end"
    assert len(events) <= 5
    assert "result: changed" in nightshift(local, "run", "evening_stop", "--dry-run").out
    assert "result: 1" in nightshift(local, "run", "greet").out
