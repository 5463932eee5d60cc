"""ec2.stop_instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, NoMatch, PartFailed, PartTimeout
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, THROTTLED, Fault, Killed, TestAws, drive, not_found, times
from tests.parts.fleet import launch as launched
from tests.parts.fleet import stopped
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
    # One refused description, one without the bad ids, and one poll.
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


def test_a_throttled_batch_is_sent_again_whole(aws: TestAws, launch: Any) -> None:
    ids = launch(50)
    aws.faults["StopInstances"] = times(2, THROTTLED)
    outcome = drive(parts.stop_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    assert [len(p["InstanceIds"]) for p in aws.made("StopInstances")] == [50, 50, 50]


def test_what_is_throttled_to_the_end_says_so(aws: TestAws, launch: Any) -> None:
    ids = launch(2)
    aws.faults["StopInstances"] = Fault(lambda p: THROTTLED)
    with pytest.raises(PartTimeout, match=r"2 to be sent to stop \(.*\); AWS answers RequestLimitExceeded"):
        drive(parts.stop_instances, aws, {"instance_id": ids, "timeout": "5m"})


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


def _stop(aws: FaultyAws) -> dict[str, Any]:
    ids = launched(3, AutoOff="yes")
    stopped(ids[2])
    launched(1)
    Unkind(aws, power=15)
    return {"tag": "AutoOff=yes"}


def _stop_one_absent(aws: FaultyAws) -> dict[str, Any]:
    Unkind(aws, power=15)
    return {"instance_id": [*launched(2), "i-0123456789abcdef0"], "on_failure": "continue"}


SCENARIOS = [
    Scenario("by tag", "ec2.stop_instances", _stop),
    Scenario("one does not exist", "ec2.stop_instances", _stop_one_absent),
]
