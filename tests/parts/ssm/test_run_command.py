"""ssm.run_command: where it runs, how it is judged, what is kept of its output, and that it runs once."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, NoMatch, PartFailed, PartTimeout
from lambdas.parts.s3 import get_object, put_object
from lambdas.parts.ssm import run_command
from tests.parts.driver import RUN, STATE_LIMIT, drive, times
from tests.parts.managed import ManagedFleet
from tests.parts.ssm.runs import BUCKET, COUNTING, runs, stored


def test_success_is_an_exit_code_of_zero_on_each(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(3, Role="batch", Name="night-1")
    hosts(1)
    result = drive(run_command, aws, {"command": "echo hello", "tag": "Role=batch"}).result
    assert result["changed"] == sorted(ids)
    assert result["summary"] == "3 instances ran the command"
    assert {(o["instance_id"], o["name"], o["exit_code"], o["output"]) for o in result["outputs"]} == {
        (i, "night-1", 0, "hello") for i in ids
    }
    assert [len(c.invocations) for c in aws.commands] == [3]


def test_it_takes_the_fewest_calls(aws: ManagedFleet, hosts: Any) -> None:
    hosts(2, Role="batch")
    drive(run_command, aws, {"command": "true", "tag": "Role=batch"})
    assert aws.count() == {
        "DescribeInstances": 1,
        "DescribeInstanceInformation": 1,
        "ListCommands": 1,
        "SendCommand": 1,
        "ListCommandInvocations": 1,
    }


def test_another_exit_code_fails_with_the_last_line_of_the_output(aws: ManagedFleet, hosts: Any) -> None:
    good, bad = hosts(2, Role="batch")
    (aws.disk(bad) / "data").mkdir()
    (aws.disk(bad) / "data/locked").touch()
    command = "if [ -e /data/locked ]; then echo starting; echo 'no lock {1}' >&2; exit 3; fi"
    params = {"command": command, "tag": "Role=batch", "on_failure": "continue"}
    result = drive(run_command, aws, params).result
    assert result["changed"] == [good]
    assert result["failed"] == [
        {"id": bad, "error": "CommandFailed", "message": f"exit code 3 on '{bad}': no lock (1)"}
    ]
    first = result["outputs"][0]
    assert (first["instance_id"], first["exit_code"], first["output"]) == (bad, 3, "starting\nno lock {1}")
    with pytest.raises(PartFailed, match=f"(?s)1 of 2.*{bad}  CommandFailed: exit code 3"):
        drive(run_command, aws, {**params, "on_failure": "fail"}, run=replace(RUN, call=2))


def test_other_exit_codes_can_be_success(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    params = {"command": "exit 4", "instance_id": instance, "success_codes": [0, 4]}
    result = drive(run_command, aws, params).result
    assert result["changed"] == [instance]
    assert result["outputs"][0]["exit_code"] == 4


def test_an_exit_code_that_asks_for_a_reboot_is_told_and_reboots_nothing(aws: ManagedFleet, hosts: Any) -> None:
    """AWS Systems Manager User Guide, "Handling reboots when running commands"."""
    (instance,) = hosts(1)
    params = {"command": f"{COUNTING}; exit 194", "instance_id": instance, "on_failure": "continue"}
    failed = drive(run_command, aws, params).result["failed"]
    assert [(f["error"], f["message"]) for f in failed] == [
        ("CommandFailed", f"exit code 194 on '{instance}': counted")
    ]
    good = drive(run_command, aws, {**params, "success_codes": [194]}, run=replace(RUN, call=2)).result
    assert (good["changed"], good["outputs"][0]["exit_code"]) == ([instance], 194)
    assert (aws.reboots, runs(aws, instance)) == (0, 2)


def test_the_end_of_the_output_is_in_the_result_and_all_of_it_in_the_bucket(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    result = drive(run_command, aws, {"command": "seq 1 20000", "instance_id": instance}).result
    output = result["outputs"][0]
    assert output["output"].endswith("19999\n20000")
    assert 1900 < len(output["output"]) <= 2000
    assert output["location"] == f"s3://{BUCKET}/results/night/run-1/step_1/1/output/{instance}.txt"
    assert stored(output["location"]).split() == [str(n) for n in range(1, 20001)]
    assert result["warnings"] == []


def test_output_that_cannot_be_stored_stays_on_the_instance(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    aws.curl = False
    result = drive(run_command, aws, {"command": "seq 1 2000", "instance_id": instance}).result
    assert result["changed"] == [instance]
    assert result["outputs"][0]["location"] == ""
    (warning,) = result["warnings"]
    assert "its output of 8893 bytes could not be stored; it is kept in" in warning
    kept = Path(warning.rpartition("kept in ")[2])
    assert kept.read_text().split()[-1] == "2000"


def test_without_a_results_bucket_the_end_of_the_output_remains(
    aws: ManagedFleet, hosts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIGHTSHIFT_RESULTS_BUCKET")
    (instance,) = hosts(1)
    result = drive(run_command, aws, {"command": "echo short", "instance_id": instance}).result
    assert (result["outputs"][0]["output"], result["outputs"][0]["location"]) == ("short", "")
    assert result["warnings"] == []


def test_the_script_arrives_as_it_is(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    lines = ["set -e", "x='a \"b\" $HOME @label@ %s \\n'", 'printf "%s\\n" "$x"', "cat <<'END'", "  in\tside", "END"]
    result = drive(run_command, aws, {"command": lines, "instance_id": instance}).result
    assert stored(result["outputs"][0]["location"]) == 'a "b" $HOME @label@ %s \\n\n  in\tside\n'


def test_the_first_line_may_name_an_interpreter(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    result = drive(run_command, aws, {"command": "#!/bin/bash\necho ${BASH_VERSION:+bash}", "instance_id": instance})
    assert result.result["outputs"][0]["output"] == "bash"


def test_the_working_directory(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    there = aws.disk(instance) / "data/it's here"
    there.mkdir(parents=True)
    params = {"command": "pwd", "instance_id": instance, "working_directory": str(there)}
    assert drive(run_command, aws, params).result["outputs"][0]["output"] == str(there)
    params = {**params, "working_directory": "/nowhere", "on_failure": "continue"}
    failed = drive(run_command, aws, params, run=replace(RUN, call=2)).result["failed"]
    assert "/nowhere" in failed[0]["message"]


def test_a_command_that_takes_too_long_is_ended_and_its_output_kept(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    params = {"command": "echo begun; sleep 30; echo never", "instance_id": instance, "timeout": 3}
    # The shortest limit is 20 s; the test has not that time.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("lambdas.parts.ssm.run_command"), "_SHORTEST", 1)
        with pytest.raises(
            PartFailed, match=r"CommandTimedOut: the command was ended .* because it took too long: begun"
        ):
            drive(run_command, aws, params)


def test_more_than_fifty_take_a_command_for_each_fifty(aws: ManagedFleet, hosts: Any) -> None:
    aws.runs = False
    ids = hosts(120, Role="batch")
    outcome = drive(run_command, aws, {"command": "true", "tag": "Role=batch"})
    assert outcome.result["changed"] == sorted(ids)
    assert [len(c.invocations) for c in aws.commands] == [50, 50, 20]
    assert len(outcome.result["outputs"]) == 100
    assert outcome.result["command_ids"] == [c.id for c in aws.commands]
    assert outcome.largest_state < STATE_LIMIT
    assert aws.count()["DescribeInstanceInformation"] == 3
    assert aws.count()["ListCommandInvocations"] == 3


def test_it_waits_for_the_slowest(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(2)
    aws.takes[ids[1]] = 300
    outcome = drive(run_command, aws, {"command": "true", "instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    assert sum(outcome.waits) >= 300


def test_those_that_cannot_run_it_are_told_and_the_others_run(
    aws: ManagedFleet, hosts: Any, launch: Any, ec2: Any
) -> None:
    good, lost, windows, stopped = hosts(4)
    (unmanaged,) = launch(1)
    aws.managed[lost]["PingStatus"] = "ConnectionLost"
    aws.managed[windows]["PlatformType"] = "Windows"
    ec2.stop_instances(InstanceIds=[stopped])
    ids = [good, lost, windows, stopped, unmanaged]
    result = drive(run_command, aws, {"command": "true", "instance_id": ids, "on_failure": "continue"}).result
    assert result["changed"] == [good]
    assert {(f["id"], f["error"]) for f in result["failed"]} == {
        (lost, "ConnectionLost"),
        (windows, "UnsupportedPlatformType"),
        (stopped, "IncorrectInstanceState"),
        (unmanaged, "NotManaged"),
    }
    assert result["matched"] == sorted(ids)


NODE = "mi-0123456789abcdef0"


def test_hybrid_nodes_run_it_beside_instances(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    aws.manage(NODE, ResourceType="ManagedInstance")
    gone = "mi-0fedcba9876543210"
    params = {"command": "echo hello", "instance_id": [NODE, instance, gone], "on_failure": "continue"}
    result = drive(run_command, aws, params).result
    assert result["changed"] == sorted([instance, NODE])
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(gone, "NotManaged")]
    assert aws.made("DescribeInstances") == [{"InstanceIds": [instance]}]
    location = {o["instance_id"]: o["location"] for o in result["outputs"]}[NODE]
    assert stored(location) == "hello\n"


def test_hybrid_nodes_are_not_chosen_by_tags_that_nobody_looks_up(aws: ManagedFleet) -> None:
    aws.manage(NODE)
    for tags in ({"tag": "Role=batch"}, {"exclude_tag": "Keep=yes"}):
        with pytest.raises(InvalidParameter, match=f"{NODE}: hybrid nodes have no EC2 tags"):
            drive(run_command, aws, {"command": "true", "instance_id": NODE, **tags})
    assert aws.commands == []


def test_the_role_may_send_to_hybrid_nodes_of_the_account() -> None:
    for part in (run_command, put_object, get_object):
        (send,) = (allow for allow in part.allow if "ssm:SendCommand" in allow.actions)
        assert "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:managed-instance/*" in send.resources


def test_windows_takes_the_other_document(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    aws.managed[instance]["PlatformType"] = "Windows"
    aws.runs = False
    drive(run_command, aws, {"command": "Get-Date", "instance_id": instance, "platform": "Windows"})
    (command,) = aws.commands
    assert command.document == "AWS-RunPowerShellScript"
    script = "\n".join(command.parameters["commands"])
    assert "\nGet-Date\nexit $LASTEXITCODE\n'@\n" in script
    assert "curl.exe" in script
    assert script.endswith("\nif ($code -in 194, 3010) { exit 1 }\nexit $code")


def test_a_timeout_cancels_what_still_runs(aws: ManagedFleet, hosts: Any) -> None:
    quick, slow = hosts(2)
    aws.takes[slow] = 10_000
    params = {"command": "true", "instance_id": [quick, slow], "timeout": "10m"}
    with pytest.raises(PartTimeout, match=f"(?s){slow}  Timeout: .*was cancelled there"):
        drive(run_command, aws, params)
    assert aws.cancelled == [(aws.commands[0].id, [slow])]


def test_a_cancellation_that_fails_is_told(aws: ManagedFleet, hosts: Any) -> None:
    (slow,) = hosts(1)
    aws.takes[slow] = 10_000
    aws.faults["CancelCommand"] = times(9, (400, "InvalidCommandId", "no such command"))
    params = {"command": "true", "instance_id": slow, "timeout": "10m", "on_failure": "continue"}
    result = drive(run_command, aws, params).result
    assert "failed (InvalidCommandId: no such command)" in result["failed"][0]["message"]


def test_dry_run_sends_nothing_and_lists_what_the_real_run_changes(aws: ManagedFleet, hosts: Any, launch: Any) -> None:
    hosts(3, Role="batch")
    launch(1, Role="batch")
    params = {"command": COUNTING, "tag": "Role=batch", "on_failure": "continue"}
    dry = drive(run_command, aws, {**params, "dry_run": True}).result
    assert aws.commands == []
    real = drive(run_command, aws, params).result
    for key in ("matched", "changed", "skipped", "failed"):
        assert dry[key] == real[key], key
    assert dry.keys() == real.keys()
    assert dry["summary"] == "would run on 3 instances, 1 would fail"


def test_no_match_is_a_warning_or_a_failure(aws: ManagedFleet) -> None:
    result = drive(run_command, aws, {"command": "true", "tag": "Role=none"}).result
    assert "nothing matched" in result["warnings"][0]
    assert aws.count() == {"DescribeInstances": 1}
    with pytest.raises(NoMatch):
        drive(run_command, aws, {"command": "true", "tag": "Role=none", "require_match": True})


@pytest.mark.parametrize(
    "params",
    [{"command": " "}, {"command": "true", "timeout": "3d"}, {"command": "x\n'@\ny", "platform": "Windows"}],
)
def test_what_cannot_run_is_refused(aws: ManagedFleet, hosts: Any, params: dict[str, Any]) -> None:
    (instance,) = hosts(1)
    aws.managed[instance]["PlatformType"] = params.get("platform", "Linux")
    with pytest.raises(InvalidParameter):
        drive(run_command, aws, {**params, "instance_id": instance})
    assert aws.commands == []
