"""ec2.start_instances, ec2.stop_instances, ec2.describe_instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, NoMatch, PartFailed, PartTimeout
from lambdas.parts import ec2 as parts
from tests.parts.driver import RUN, THROTTLED, Fault, Killed, TestAws, drive, not_found, times
from tests.parts.unkind import Unkind


def test_stop_is_done_only_when_stopped(aws: TestAws, launch: Any, states: Any) -> None:
    Unkind(aws, power=30)
    ids = launch(3, AutoOff="yes")
    other = launch(1)
    outcome = drive(parts.stop_instances, aws, {"tag": "AutoOff=yes"})
    assert outcome.result["changed"] == sorted(ids)
    assert outcome.result["summary"] == "3 instances stopped"
    assert outcome.waits[0] == 1
    assert sum(outcome.waits) >= 30
    assert states()[other[0]] == "running"
    assert aws.count()["StopInstances"] == 1


def test_stop_reports_previous_state_and_name(aws: TestAws, launch: Any) -> None:
    ids = launch(1, Name="web-1", AutoOff="yes")
    instance = drive(parts.stop_instances, aws, {"instance_id": ids[0]}).result["instances"][0]
    assert (instance["name"], instance["previous_state"], instance["state"]) == ("web-1", "running", "stopped")


def test_stop_skips_those_already_stopped(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2, AutoOff="yes")
    ec2.stop_instances(InstanceIds=ids[:1])
    outcome = drive(parts.stop_instances, aws, {"tag": "AutoOff=yes"})
    assert outcome.result["changed"] == ids[1:]
    assert outcome.result["skipped"] == [{"id": ids[0], "reason": "already stopped"}]
    assert outcome.result["matched"] == sorted(ids)


def test_stop_awaits_those_somebody_else_is_stopping(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, power=40)
    ids = launch(1)
    ec2.stop_instances(InstanceIds=ids)
    unkind.StopInstances({"InstanceIds": ids}, {})
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == []
    assert outcome.result["skipped"] == [{"id": ids[0], "reason": "already stopping"}]
    assert sum(outcome.waits) >= 40
    assert aws.count()["StopInstances"] == 0


def test_force_is_passed_on_also_to_those_stuck_in_stopping(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, power=40)
    ids = launch(1)
    unkind.StopInstances({"InstanceIds": ids}, {})
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids, "force": True})
    assert outcome.result["changed"] == ids
    assert aws.made("StopInstances")[0]["Force"] is True


def test_hibernation_not_configured_fails_that_instance_without_a_call(aws: TestAws, launch: Any) -> None:
    ids = launch(1)
    with pytest.raises(PartFailed, match="UnsupportedHibernationConfiguration"):
        drive(parts.stop_instances, aws, {"instance_id": ids, "hibernate": True})
    assert aws.count()["StopInstances"] == 0


@pytest.mark.parametrize("ids", ["{0};{1}", "{0}, {1}", " {0} ;{1}; "])
def test_ids_as_text(aws: TestAws, launch: Any, ids: str) -> None:
    found = launch(2)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids.format(*found)})
    assert outcome.result["changed"] == sorted(found)


def test_start_with_status_check_waits_for_both_checks(aws: TestAws, ec2: Any, launch: Any) -> None:
    Unkind(aws, power=30, checks=120)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    plain = drive(parts.start_instances, aws, {"instance_id": ids[0]})
    assert 30 <= sum(plain.waits) < 120
    checked = drive(parts.start_instances, aws, {"instance_id": ids[1], "status_check": True})
    assert checked.result["changed"] == ids[1:]
    assert sum(checked.waits) >= 120


def test_status_check_also_covers_those_already_running(aws: TestAws, launch: Any) -> None:
    unkind = Unkind(aws, checks=100)
    ids = launch(1)
    unkind.StartInstances({"InstanceIds": ids}, {})
    aws.clock += 40
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "status_check": True})
    assert outcome.result["skipped"] == [{"id": ids[0], "reason": "already running"}]
    assert sum(outcome.waits) >= 60


def test_an_impaired_instance_is_no_success(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, checks=60)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    unkind.impaired.add(ids[0])
    with pytest.raises(PartTimeout, match=f"(?s)impaired: {ids[0]}.*{ids[0]}.*has not passed its status checks"):
        drive(parts.start_instances, aws, {"instance_id": ids, "status_check": True, "timeout": "10m"})


def test_a_timeout_goes_on_when_asked_to(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, checks=60)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    unkind.impaired.add(ids[0])
    params = {"instance_id": ids, "status_check": True, "timeout": "10m", "on_failure": "continue"}
    outcome = drive(parts.start_instances, aws, params)
    assert outcome.result["changed"] == ids[1:]
    assert [(f["id"], f["error"]) for f in outcome.result["failed"]] == [(ids[0], "Timeout")]
    assert sum(outcome.waits) <= 601


def test_a_start_that_falls_back_reports_the_state_reason(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    unkind.fall_back[ids[0]] = ("Client.InternalError", "Client.InternalError: Client error on launch")
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert outcome.result["changed"] == ids[1:]
    failure = outcome.result["failed"][0]
    assert (failure["id"], failure["error"]) == (ids[0], "Client.InternalError")
    assert "fell back to stopped" in failure["message"]
    assert "Client error on launch" in failure["message"]


def test_a_description_that_lags_is_not_a_fall_back(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(1)
    ec2.stop_instances(InstanceIds=ids)
    stale = [1]

    def lag(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        started = aws.count()["StartInstances"]
        if operation == "DescribeInstances" and started and stale:
            stale.pop()
            instance = answer["Reservations"][0]["Instances"][0]
            instance["State"] = {"Name": "stopped", "Code": 80}
            instance["StateReason"] = {"Code": "Client.UserInitiatedShutdown", "Message": "User initiated"}

    aws.hooks.append(lag)
    assert drive(parts.start_instances, aws, {"instance_id": ids}).result["changed"] == ids
    assert not stale


def test_a_stopping_instance_is_started_when_it_has_stopped(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, power=50)
    ids = launch(1)
    ec2.stop_instances(InstanceIds=ids)
    unkind.StopInstances({"InstanceIds": ids}, {})
    outcome = drive(parts.start_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == ids
    assert aws.count()["StartInstances"] == 1


def test_terminated_ones_fail_by_id_and_are_not_found_by_tag(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2, AutoOn="yes")
    ec2.stop_instances(InstanceIds=ids)
    ec2.terminate_instances(InstanceIds=ids[:1])
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert outcome.result["changed"] == ids[1:]
    assert [(f["id"], f["error"]) for f in outcome.result["failed"]] == [(ids[0], "IncorrectInstanceState")]
    again = drive(parts.start_instances, aws, {"tag": "AutoOn=yes"}, run=replace(RUN, call=2))
    assert again.result["matched"] == ids[1:]


def test_bad_ids_cost_one_extra_call_and_the_rest_proceeds(aws: TestAws, launch: Any, states: Any) -> None:
    ids = launch(5)
    bad = ["i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2", "i-0aaaaaaaaaaaaaaa3"]
    aws.faults["DescribeInstances"] = not_found(bad)
    params = {"instance_id": [bad[0], *ids[:2], bad[1], *ids[2:], bad[2]], "on_failure": "continue"}
    outcome = drive(parts.stop_instances, aws, params)
    assert outcome.result["changed"] == sorted(ids)
    assert [(f["id"], f["error"]) for f in outcome.result["failed"]] == [(b, "InvalidInstanceID.NotFound") for b in bad]
    assert all(
        set(bad) & {w.strip("'\".") for w in f["message"].split()} == {f["id"]} for f in outcome.result["failed"]
    )
    # One refused description, one without the bad ids, and one look.
    assert aws.count() == {"DescribeInstances": 3, "StopInstances": 1}
    assert set(states().values()) == {"stopped"}


def test_the_failure_table_names_resource_code_and_what_was_changed(aws: TestAws, launch: Any) -> None:
    ids = launch(1)
    with pytest.raises(PartFailed) as raised:
        drive(parts.stop_instances, aws, {"instance_id": [*ids, "i-0aaaaaaaaaaaaaaa1"]})
    text = str(raised.value)
    assert "1 of 2 resources failed" in text
    assert "i-0aaaaaaaaaaaaaaa1  InvalidInstanceID.NotFound" in text
    assert f"Changed before that: {ids[0]}" in text


def test_a_refusal_that_names_its_instance_drops_only_that(aws: TestAws, launch: Any) -> None:
    ids = launch(4)
    refused = (400, "OperationNotPermitted", f"The instance '{ids[2]}' may not be stopped. Modify its 'disableApiStop'")
    aws.faults["StopInstances"] = Fault(lambda p: refused if ids[2] in p["InstanceIds"] else None)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert set(outcome.result["changed"]) == set(ids) - {ids[2]}
    assert aws.count()["StopInstances"] == 2


def test_a_lack_of_capacity_that_names_nothing_spares_the_other_types(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(40)
    ec2.stop_instances(InstanceIds=ids)
    for i in ids[:30]:
        ec2.modify_instance_attribute(InstanceId=i, InstanceType={"Value": "p5.48xlarge"})
    scarce = set(ids[:30])
    refused = (500, "InsufficientInstanceCapacity", "We do not have sufficient p5.48xlarge capacity in us-east-1a")
    aws.faults["StartInstances"] = Fault(lambda p: refused if scarce & set(p["InstanceIds"]) else None)
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert set(outcome.result["changed"]) == set(ids) - scarce
    assert {f["id"] for f in outcome.result["failed"]} == scarce
    assert aws.count()["StartInstances"] <= 2 * (40).bit_length() + 2


def test_a_refusal_for_a_state_that_has_passed_gets_a_second_try(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    refused = (
        400,
        "IncorrectInstanceState",
        f"The instance '{ids[0]}' is not in a state from which it can be started.",
    )
    aws.faults["StartInstances"] = times(1, refused)
    outcome = drive(parts.start_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    aws.faults["StopInstances"] = Fault(lambda p: (400, refused[1], refused[2]) if ids[0] in p["InstanceIds"] else None)
    stopped = drive(parts.stop_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert [(f["id"], f["error"]) for f in stopped.result["failed"]] == [(ids[0], "IncorrectInstanceState")]


def test_a_throttled_batch_is_sent_again_whole(aws: TestAws, launch: Any) -> None:
    ids = launch(50)
    aws.faults["StopInstances"] = times(2, THROTTLED)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    assert [len(p["InstanceIds"]) for p in aws.made("StopInstances")] == [50, 50, 50]


def test_reads_are_retried_in_place(aws: TestAws, launch: Any) -> None:
    ids = launch(1)
    aws.faults["DescribeInstances"] = times(3, THROTTLED)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == ids


def test_a_description_throttled_for_long_is_carried_on(aws: TestAws, launch: Any) -> None:
    ids = launch(1)
    aws.faults["DescribeInstances"] = times(14, THROTTLED)
    outcome = drive(parts.stop_instances, aws, {"tag": "AutoOff=yes", "require_match": False})
    assert outcome.result["matched"] == []
    assert len(outcome.waits) == 2
    again = drive(parts.stop_instances, aws, {"instance_id": ids}, run=replace(RUN, call=2))
    assert again.result["changed"] == ids


@pytest.mark.parametrize("moment", ["before", "after"])
def test_changed_survives_a_worker_killed_around_the_stop(aws: TestAws, launch: Any, moment: str) -> None:
    """The flow starts again what `changed` names: after a crash it must still be all that was running."""
    ids = launch(3)
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["StopInstances"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)


def test_dry_run_changes_nothing_and_lists_what_the_real_run_changes(
    aws: TestAws, ec2: Any, launch: Any, states: Any
) -> None:
    ids = launch(3, AutoOff="yes")
    ec2.stop_instances(InstanceIds=ids[:1])
    before = states()
    dry = drive(parts.stop_instances, aws, {"tag": "AutoOff=yes"}, run=replace(RUN, dry_run=True))
    assert states() == before
    assert all(p["DryRun"] for p in aws.made("StopInstances"))
    real = drive(parts.stop_instances, aws, {"tag": "AutoOff=yes"})
    for key in ("matched", "changed", "skipped", "failed"):
        assert dry.result[key] == real.result[key], key
    assert dry.result.keys() == real.result.keys()
    assert dry.result["summary"] == "would stop 2 instances, 1 skipped"


def test_dry_run_tells_what_would_fail(aws: TestAws, launch: Any) -> None:
    ids = launch(2)
    refused = (400, "OperationNotPermitted", f"The instance '{ids[0]}' may not be stopped.")
    aws.faults["StopInstances"] = Fault(lambda p: refused if ids[0] in p["InstanceIds"] else None)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids, "dry_run": True, "on_failure": "continue"})
    assert outcome.result["changed"] == ids[1:]
    assert outcome.result["failed"][0]["id"] == ids[0]


def test_dry_run_is_carried_over_throttling_without_acting(aws: TestAws, launch: Any, states: Any) -> None:
    ids = launch(2)
    aws.faults["StopInstances"] = times(2, THROTTLED)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids, "dry_run": True})
    assert outcome.result["changed"] == sorted(ids)
    assert set(states().values()) == {"running"}


def test_a_missing_permission_is_named(aws: TestAws, launch: Any) -> None:
    ids = launch(20)
    aws.faults["StopInstances"] = Fault(
        lambda p: (403, "UnauthorizedOperation", f"You are not authorized to perform this operation. {id(p)}")
    )
    with pytest.raises(AccessDenied, match="may not stop instances"):
        drive(parts.stop_instances, aws, {"instance_id": ids})
    assert aws.count()["StopInstances"] < 15


def test_a_missing_permission_to_describe_is_named(aws: TestAws) -> None:
    message = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ec2:DescribeInstances because ..."
    aws.faults["DescribeInstances"] = Fault(lambda p: (403, "UnauthorizedOperation", message))
    with pytest.raises(AccessDenied, match="may not call ec2:DescribeInstances"):
        drive(parts.describe_instances, aws, {"tag": "A=b"})


def test_no_match_is_a_warning_or_a_failure(aws: TestAws) -> None:
    outcome = drive(parts.stop_instances, aws, {"tag": "AutoOff=yes"})
    assert outcome.result["warnings"] == ["ec2.stop_instances: nothing matched tag='AutoOff=yes'"]
    with pytest.raises(NoMatch, match="AutoOff=yes"):
        drive(parts.stop_instances, aws, {"tag": "AutoOff=yes", "require_match": True})


def test_an_empty_list_selects_nothing(aws: TestAws, launch: Any, states: Any) -> None:
    launch(1)
    assert drive(parts.stop_instances, aws, {"instance_id": []}).result["matched"] == []
    assert set(states().values()) == {"running"}


def test_no_selection_is_refused(aws: TestAws) -> None:
    wrong: tuple[dict[str, Any], ...] = ({}, {"instance_id": ""}, {"tag": []}, {"tag": "=x"}, {"exclude_tag": "A=b"})
    for params in wrong:
        with pytest.raises(InvalidParameter):
            drive(parts.stop_instances, aws, params)


def test_an_unknown_parameter_is_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="no parameter instance_ids"):
        drive(parts.stop_instances, aws, {"instance_ids": "i-1", "tag": "A=b"})


def test_tags_are_joined_by_and_with_wildcards_and_exclusions(aws: TestAws, launch: Any) -> None:
    launch(1, Env="test", AutoOff="yes")
    prod = launch(1, Env="prod-eu", AutoOff="yes")
    kept = launch(1, Env="prod-us", AutoOff="yes", Keep="1")
    launch(1, Env="prod-jp", AutoOff="no")
    params = {"tag": ["AutoOff=y?s", "Env=prod-*"], "exclude_tag": "Keep"}
    outcome = drive(parts.stop_instances, aws, params)
    assert outcome.result["changed"] == prod
    assert outcome.result["skipped"] == [{"id": kept[0], "reason": "excluded by the tag Keep"}]
    assert outcome.result["matched"] == prod


def test_ids_and_tag_together_narrow(aws: TestAws, launch: Any) -> None:
    tagged, plain = launch(1, AutoOff="yes"), launch(1)
    outcome = drive(parts.stop_instances, aws, {"instance_id": tagged + plain, "tag": "AutoOff=yes"})
    assert outcome.result["changed"] == tagged
    assert outcome.result["skipped"] == [{"id": plain[0], "reason": "does not carry the tag AutoOff=yes"}]


def test_the_four_instances_of_the_manual(aws: TestAws, launch: Any, states: Any) -> None:
    a = launch(1, Name="A")
    bcd = [launch(1, Name=name, AutoOff="Yes")[0] for name in "BCD"]
    assert drive(parts.stop_instances, aws, {"tag": "AutoOff=Yes"}).result["changed"] == sorted(bcd)
    e = launch(1, Name="E", AutoOff="Yes")
    assert drive(parts.stop_instances, aws, {"tag": "AutoOff=Yes"}).result["changed"] == e
    assert states()[a[0]] == "running"


def test_describe(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(3, Env="prod")
    ec2.stop_instances(InstanceIds=ids[:1])
    result = drive(parts.describe_instances, aws, {"tag": "Env=prod"}).result
    assert result["matched"] == sorted(ids)
    assert result["stopped"] == ids[:1]
    assert result["running"] == sorted(ids[1:])
    assert result["changed"] == []
    assert result["part"] == "ec2.describe_instances"
    described = result["responses"]["DescribeInstancesResponse"]["Reservations"][0]["Instances"]
    assert [i["InstanceId"] for i in described] == sorted(ids)
