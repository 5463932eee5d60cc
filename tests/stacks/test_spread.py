"""How flows are spread over nested stacks: no flow ever moves, and no stack exceeds a limit."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightshift import Alarm, cron
from nightshift.model import CompiledFlow
from stacks import flow as flow_construct
from stacks.flow import MAX_BYTES, MAX_RESOURCES, check_limits, flow_resources
from stacks.settings import Settings
from stacks.spread import STACKS, spread, stack_number
from tests.stacks.compiled import compiled

SETTINGS = Settings()


def thousand() -> list[CompiledFlow]:
    """A thousand flows of the size of a backup (some 8 KB), a tenth of them started by alarms."""
    ballast = {"say": {"Type": "Pass", "Output": "x" * 7000, "Next": "ec2.stop_instances"}}
    alarm = Alarm("AWS/EC2:StatusCheckFailed", 1)
    return [
        compiled(
            f"team_{number % 7}_backup_{number}",
            "ec2.stop_instances",
            "ebs.create_snapshot",
            states=ballast,
            schedule=cron("0 22 * * ? *"),
            on_alarm=alarm if number % 10 == 0 else None,
        )
        for number in range(1000)
    ]


def template(flows: Iterable[CompiledFlow]) -> str:
    """What the template of the nested stack of these flows holds, as text."""
    resources = {flow.name: flow_resources(SETTINGS, flow) for flow in flows}
    check_limits(resources)
    return json.dumps({"Resources": {name: made for flow in resources.values() for name, made in flow.items()}})


def placed(flows: list[CompiledFlow]) -> dict[str, int]:
    """Flow -> number of its stack."""
    return {flow.name: number for number, members in spread(flows).items() for flow in members}


def test_a_thousand_flows_fit_with_room_to_spare() -> None:
    for members in spread(thousand()).values():
        text = template(members)
        assert len(text.encode()) < MAX_BYTES / 2
        assert len(json.loads(text)["Resources"]) < MAX_RESOURCES / 2


def test_adding_and_removing_flows_moves_no_other() -> None:
    flows = thousand()
    before = placed(flows)
    for step in range(0, 1000, 50):
        fewer = placed(flows[:step] + flows[step + 50 :])
        assert fewer.items() <= before.items()
    more = placed([*flows, *(compiled(f"another_{number}") for number in range(1000))])
    assert before.items() <= more.items()


def test_a_change_of_one_flow_changes_one_template() -> None:
    flows = thousand()
    before = {number: template(members) for number, members in spread(flows).items()}
    changed = [*flows[1:], compiled(flows[0].name, "ec2.start_instances")]
    after = {number: template(members) for number, members in spread(changed).items()}
    assert [n for n in before if before[n] != after[n]] == [stack_number(flows[0].name)]


def test_the_order_of_the_flows_does_not_matter() -> None:
    flows = thousand()[:50]
    forward = {number: template(members) for number, members in spread(flows).items()}
    backward = {number: template(members) for number, members in spread(flows[::-1]).items()}
    assert forward == backward


# Deployed apps rely on these: another number for a name would move its flow.
@pytest.mark.parametrize(("name", "number"), [("nightly_backup", 25), ("evening_stop", 46), ("morning_start", 6)])
def test_the_numbers_of_deployed_flows_stay(name: str, number: int) -> None:
    assert stack_number(name) == number


@given(st.text(min_size=1))
def test_numbers_are_in_range(name: str) -> None:
    assert 0 <= stack_number(name) < STACKS


def test_flows_in_different_stacks_call_each_other() -> None:
    caller, called = compiled("nightly_backup", calls=("evening_stop",)), compiled("evening_stop")
    assert stack_number(caller.name) != stack_number(called.name)
    text = template([caller])
    assert "stateMachine:nightshift-evening_stop" in text
    assert "Fn::ImportValue" not in text


def test_names_that_look_alike_do_not_collide() -> None:
    text = template([compiled("a_b", "ec2.stop_instances"), compiled("ab", "ec2.stop_instances")])
    machines = [r for r in json.loads(text)["Resources"].values() if r["Type"].endswith("StateMachine")]
    assert len(machines) == 2


@pytest.mark.parametrize(("length", "scheduled"), [(70, False), (65, True)])
def test_a_name_that_aws_would_refuse_is_refused(length: int, scheduled: bool) -> None:
    schedule = cron("0 22 * * ? *") if scheduled else None
    longest = compiled("n" * (length - 1), schedule=schedule)
    template([longest])
    with pytest.raises(ValueError, match="rename the flow"):
        template([compiled("n" * length, schedule=schedule)])


def test_a_stack_that_would_be_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_construct, "MAX_RESOURCES", 3)
    with pytest.raises(ValueError, match="the flows f, g need 4 resources"):
        template([compiled("f"), compiled("g")])


def test_settings_refuse_a_prefix_that_names_cannot_start_with() -> None:
    with pytest.raises(ValueError, match="context prefix is 'Ops team'"):
        Settings(prefix="Ops team", flow_defs=Path())
