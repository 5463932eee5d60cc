"""`nightshift.testing`: flows on a fleet in the process, both ways, with what they changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nightshift import NightshiftError, PartFailed
from nightshift.flow import Flow
from nightshift.testing import Disagreement, Fleet, NoSuchInstance, at, dry_run, fault, run
from nightshift.testing.fleet import NoFleet

FlowOf = Callable[..., Flow[..., Any]]

STOP = '''
@flow
def f(tag: str = "AutoOff=yes"):
    """Stop."""
    stopped = ec2.stop_instances(tag=tag)
    return stopped.changed
'''


def test_what_a_run_changed(fleet: Fleet, flow_of: FlowOf) -> None:
    result = run(flow_of(STOP))
    assert result.changed == ["web-1", "web-2"]
    assert "stopped" in result.skipped["db-1"]
    assert fleet.instance("web-1").state == "stopped"
    assert fleet.instance("other").state == "running"
    assert result.value == [fleet.instance("web-1").id, fleet.instance("web-2").id]
    assert result.seconds > 0


def test_parameters(fleet: Fleet, flow_of: FlowOf) -> None:
    assert run(flow_of(STOP), tag="Name=web-2").changed == ["web-2"]
    assert fleet.instance("web-1").state == "running"


def test_one_run_after_another(fleet: Fleet, flow_of: FlowOf) -> None:
    flow = flow_of(STOP)
    assert run(flow).changed == ["web-1", "web-2"]
    assert run(flow).changed == []


def test_snapshots_are_new_in_both(fleet: Fleet, flow_of: FlowOf) -> None:
    text = '''
@flow
def f():
    """Snapshot."""
    made = ebs.create_snapshot(instance_tag="Backup=nightly", generation=2)
    notify.email(to="ops@example.com", subject="done", body=f"{len(made.changed)} volumes")
    return made.snapshots
'''
    result = run(flow_of(text))
    assert len(fleet.snapshots(of="web-1")) == 2
    assert [letter.subject for letter in result.mails] == ["done"]
    assert result.changed == ["web-1"], "both volumes are called so"


def test_a_dry_run_changes_nothing(fleet: Fleet, flow_of: FlowOf) -> None:
    assert dry_run(flow_of(STOP)).changed == ["web-1", "web-2"]
    assert fleet.instance("web-1").state == "running"


def test_a_fault_by_name(fleet: Fleet, flow_of: FlowOf) -> None:
    fault("capacity", "db-1")
    text = STOP.replace("ec2.stop_instances(tag=tag)", "ec2.start_instances(tag=tag)")
    with pytest.raises(PartFailed, match="InsufficientInstanceCapacity"):
        run(flow_of(text))
    assert fleet.last is not None
    assert fleet.last.error == "PartFailed"
    assert fleet.instance("db-1").state == "stopped"


def test_faults_that_there_are_not(fleet: Fleet) -> None:
    with pytest.raises(ValueError, match="there is no fault 'capcity'"):
        fault("capcity")
    with pytest.raises(NoSuchInstance, match="web-1, web-2"):
        fault("capacity", "web-9")


def test_an_error_class_of_the_flow(fleet: Fleet, flow_of: FlowOf) -> None:
    head = 'class StillRunning(Failed):\n    """Somebody has to look."""\n'
    flow = flow_of('@flow\ndef f():\n    """Fail."""\n    raise StillRunning("look")\n', head)
    with pytest.raises(flow.function.__globals__["StillRunning"], match="look"):
        run(flow)


def test_the_moment(fleet: Fleet, flow_of: FlowOf) -> None:
    text = '''
@flow
def f():
    """Wait for the morning."""
    wait_until("06:00", timezone="Asia/Tokyo")
    return "morning"
'''
    at("2026-12-31 22:00", "Asia/Tokyo")
    assert run(flow_of(text)).seconds == 8 * 3600
    with pytest.raises(NightshiftError, match="2026-12-31 21:00 UTC already"):
        at("2026-12-31 22:00", "Asia/Tokyo")


def test_a_schedule_does_not_run_on_a_holiday(fleet: Fleet, flow_of: FlowOf) -> None:
    schedule = 'daily("20:00", only="business days", calendar=Calendar("JP", timezone="Asia/Tokyo"))'
    text = STOP.replace("@flow", f"@flow(schedule={schedule})")
    at("2026-01-01 20:00", "Asia/Tokyo")
    result = run(flow_of(text))
    assert "New Year's Day" in result.not_run
    assert result.changed == []
    at("2026-01-06 20:00", "Asia/Tokyo")
    assert run(flow_of(text)).changed == ["web-1", "web-2"]


def test_side_by_side(fleet: Fleet, flow_of: FlowOf) -> None:
    text = '''
@flow
def f():
    """Snapshot each."""
    found = ec2.describe_instances(tag="AutoOff=yes")

    def one(instance: str):
        return ebs.create_snapshot(instance_id=instance, generation=1).snapshots

    return for_each(found.matched, one, at_most=2)
'''
    assert len(run(flow_of(text)).value) == 3
    assert len(fleet.snapshots()) == 4


def test_what_the_two_do_differently_is_told(fleet: Fleet, flow_of: FlowOf) -> None:
    """A documented difference: a zero has no sign."""
    text = '''
@flow
def f(x: float = -0.0):
    """Show a zero."""
    return f"{x:.1f}"
'''
    with pytest.raises(Disagreement, match=r"compiled, the flow returns .0\.0.\nunder CPython, it returns .-0\.0."):
        run(flow_of(text))


def test_without_the_fixture(flow_of: FlowOf) -> None:
    with pytest.raises(NoFleet, match="give the test the fixture"):
        run(flow_of(STOP))


def test_a_flow_that_calls_another(fleet: Fleet, flow_of: FlowOf) -> None:
    head = STOP.replace("def f(", "def inner(")
    result = run(flow_of('@flow\ndef f():\n    """Call."""\n    return inner(tag="Name=web-2")\n', head))
    assert result.changed == ["web-2"]
    assert result.value == [fleet.instance("web-2").id]


def test_a_fault_that_a_retry_survives(fleet: Fleet, flow_of: FlowOf) -> None:
    """Step Functions tries again; what CPython would not do is not held against it."""
    fault("error", "web-1", action="StopInstances", code="IncorrectState", message="not now", times=1)
    assert run(flow_of(STOP.replace("@flow", "@flow(retry=2)"))).changed == ["web-1", "web-2"]


def test_machines_can_be_added(fleet: Fleet, flow_of: FlowOf) -> None:
    from nightshift.testing import Machine

    (more,) = fleet.launch(Machine("web-3", {"AutoOff": "yes"}))
    assert more.state == "running"
    assert run(flow_of(STOP)).changed == ["web-1", "web-2", "web-3"]


def test_records_carry_their_tags(fleet: Fleet, flow_of: FlowOf) -> None:
    text = '''
@flow
def f():
    """Read the tags of an instance, a volume, a snapshot and an image."""
    instances = ec2.describe_instances(tag="Name=web-1").instances
    made = ebs.create_snapshot(instance_tag="Name=web-1", generation=1)
    found = ebs.describe_snapshots(volume_id=made.volumes[0].volume_id).snapshots
    images = ec2.create_image(instance_id=instances[0].instance_id, generation=1).images
    return [
        instances[0].tags["Backup"],
        made.volumes[0].tags.get("Name", ""),
        found[0].tags["nightshift:flow"],
        images[0].tags["nightshift:flow"],
    ]
'''
    assert run(flow_of(text)).value == ["nightly", "web-1", "f", "f"]
