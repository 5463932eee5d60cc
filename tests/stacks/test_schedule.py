"""Schedules: time zone, one run per fire time, and what happens to a start that fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nightshift import cron
from nightshift.triggers import Schedule
from stacks.flows.schedule import schedule
from stacks.settings import Settings, check_names
from stacks.template.cloudformation import Resources, logical_id
from tests.stacks.compiled import compiled
from tests.stacks.test_state_machine import short

FLOW = compiled("nightly", schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"))


def resources() -> Resources:
    """The schedule and its role."""
    return schedule(Settings(), FLOW)


def target() -> dict[str, Any]:
    """The target of the schedule."""
    found: dict[str, Any] = resources()[logical_id("nightly", "schedule")]["Properties"]["Target"]
    return found


def test_it_fires_in_the_zone_of_the_flow() -> None:
    made = resources()[logical_id("nightly", "schedule")]["Properties"]
    assert made["ScheduleExpression"] == "cron(0 22 * * ? *)"
    assert made["ScheduleExpressionTimezone"] == "Asia/Tokyo"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert (made["GroupName"], made["Name"]) == ("nightshift", "nightly")


def test_the_run_is_named_after_the_invocation() -> None:
    assert target()["Arn"] == {"Fn::Sub": "arn:${AWS::Partition}:scheduler:::aws-sdk:sfn:startExecution"}
    request = json.loads(target()["Input"]["Fn::Sub"])
    assert request["Name"] == "<aws.scheduler.execution-id>"
    assert short({"Fn::Sub": request["StateMachineArn"]}) == "states:stateMachine:nightshift-nightly"


def test_a_second_delivery_has_the_same_input() -> None:
    request = json.loads(target()["Input"]["Fn::Sub"])
    trigger = json.loads(request["Input"])["nightshift"]["trigger"]
    assert trigger["type"] == "schedule"
    assert trigger["scheduled_time"] == "<aws.scheduler.scheduled-time>"
    # Step Functions answers a name it knows with that run only when the input is the same too.
    assert "attempt-number" not in target()["Input"]["Fn::Sub"]


def test_a_start_that_fails_is_repeated_for_an_hour_and_then_kept() -> None:
    assert target()["RetryPolicy"]["MaximumEventAgeInSeconds"] == 3600
    assert short(target()["DeadLetterConfig"]["Arn"]) == "sqs:nightshift-dead-letters"


def test_its_role_may_start_this_flow_only() -> None:
    role = resources()[logical_id("nightly", "schedule", "role")]["Properties"]
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert [(s["Action"], short(s["Resource"])) for s in statements] == [
        ("states:StartExecution", "states:stateMachine:nightshift-nightly"),
        ("sqs:SendMessage", "sqs:nightshift-dead-letters"),
    ]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert short(trust["Condition"]["ArnLike"]["aws:SourceArn"]) == "scheduler:schedule-group/nightshift"


def test_each_expression_is_a_schedule_of_its_own_with_the_same_role() -> None:
    twice = Schedule(("cron(0 9 * * ? *)", "cron(0 21 * * ? *)"), "Asia/Tokyo")
    made = schedule(Settings(), compiled("nightly", schedule=twice))
    schedules = [r["Properties"] for r in made.values() if r["Type"] == "AWS::Scheduler::Schedule"]
    assert [(s["Name"], s["ScheduleExpression"]) for s in schedules] == [
        ("nightly", "cron(0 9 * * ? *)"),
        ("nightly-2", "cron(0 21 * * ? *)"),
    ]
    assert len(made) == 3
    assert schedules[0]["Target"] == schedules[1]["Target"]


def test_the_numbered_names_fit_what_scheduler_takes() -> None:
    twice = Schedule(("cron(0 9 * * ? *)", "cron(0 21 * * ? *)"))
    check_names(Settings(), compiled("f" * 62, schedule=twice))
    with pytest.raises(ValueError, match="has 63 characters, at most 62 fit"):
        check_names(Settings(), compiled("f" * 63, schedule=twice))


def test_a_flow_without_schedule_has_none() -> None:
    assert schedule(Settings(), compiled("f")) == {}
