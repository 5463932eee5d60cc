"""Tasks, jobs, functions and state machines of a fleet of a test: they last and end as the test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from nightshift.flow import Flow
from nightshift.testing import Fleet, Work, run

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:close"
PARTS = {
    "ecs": ('ecs.run_task(cluster="night", task_definition="settle", launch_type="FARGATE")', "settle", "night"),
    "batch": ('batch.submit_job(job_queue="night", job_definition="render")', "render", "night"),
    "glue": ('glue.start_job_run(job_name="load")', "load", "default"),
    "stepfunctions": (f'stepfunctions.start_execution(state_machine_arn="{MACHINE}")', "close", "default"),
}
HEAD = "from lambdas.parts import awslambda, batch, ecs, glue, stepfunctions"
FlowOf = Callable[..., Flow[..., Any]]


def flow(flow_of: FlowOf, call: str, result: str = "summary") -> Flow[..., Any]:
    return flow_of(f'@flow(timeout="20h")\ndef f():\n    return {call}.{result}\n', HEAD)


@pytest.mark.parametrize("kind", sorted(PARTS))
def test_it_lasts_as_long_as_the_test_says_and_costs_its_hours(fleet: Fleet, flow_of: FlowOf, kind: Any) -> None:
    call, name, where = PARTS[kind]
    fleet.work(Work(kind, name, where, seconds=1800, price=2.0))
    made = run(flow(flow_of, call))
    assert 1800 <= made.seconds < 2100
    (worked,) = fleet.worked()
    assert (worked.runs, worked.failed) == (1, 0)
    assert worked.hours == pytest.approx(0.5, abs=0.02)
    assert worked.cost == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("kind", sorted(PARTS))
def test_it_fails_as_often_as_the_test_says(fleet: Fleet, flow_of: FlowOf, kind: Any) -> None:
    call, name, where = PARTS[kind]
    fleet.work(Work(kind, name, where, exit_code=3, failing=1, answer="the books do not balance"))
    made = flow(flow_of, call)
    with pytest.raises(PartFailed, match=r"books do not balance|exit code 3|ended with 3"):
        run(made)
    fleet.wait(60)
    run(made)
    (worked,) = fleet.worked()
    assert (worked.runs, worked.failed) == (2, 1)


def test_a_function_answers_or_fails(fleet: Fleet, flow_of: FlowOf) -> None:
    fleet.work(
        Work("lambda", "register", answer={"entered": 3}), Work("lambda", "broken", exit_code=1, answer="no room")
    )
    assert run(flow(flow_of, 'awslambda.invoke(function_name="register")', "payload")).value == '{"entered": 3}'
    with pytest.raises(PartFailed, match="no room"):
        run(flow(flow_of, 'awslambda.invoke(function_name="broken")'))
    with pytest.raises(PartFailed, match="ResourceNotFoundException"):
        run(flow(flow_of, 'awslambda.invoke(function_name="absent")'))
    assert [(w.work.name, w.runs, w.failed) for w in fleet.worked()] == [("register", 1, 0), ("broken", 1, 1)]


def test_what_runs_too_long_is_stopped_and_counts_until_then(fleet: Fleet, flow_of: FlowOf) -> None:
    fleet.work(Work("stepfunctions", "close", seconds=36_000, price=1.0))
    call = f'stepfunctions.start_execution(state_machine_arn="{MACHINE}", timeout="1h")'
    with pytest.raises(Exception, match="it was stopped"):
        run(flow(flow_of, call))
    (worked,) = fleet.worked()
    assert (worked.runs, worked.failed) == (1, 1)
    assert worked.cost == pytest.approx(1.0, abs=0.1)


def test_a_service_is_scaled_and_its_tasks_count(fleet: Fleet, flow_of: FlowOf) -> None:
    fleet.work(Work("service", "web", "shop", tasks=3, tags={"Env": "test"}, price=0.1), Work("ecs", "settle", "shop"))
    scaled = flow_of(
        '@flow(timeout="2h")\ndef f():\n'
        '    ecs.update_service(cluster="shop", tag="Env=test", desired_count=1)\n'
        '    return ecs.update_service(cluster="shop", service="web", desired_count=0).changed\n',
        HEAD,
    )
    fleet.wait(2 * 3600)
    (served, _) = fleet.worked()
    assert served.runs == 0
    assert served.hours == pytest.approx(6)
    made = run(scaled)
    assert made.value == ["web"]
    (served, _) = fleet.worked()
    assert served.runs == 2
    assert 6 < served.hours < 6.1
    fleet.wait(10 * 3600)
    assert fleet.worked()[0] == served
    assert served.cost == pytest.approx(served.hours * 0.1)
    fleet.aws.client("ecs").update_service(cluster="shop", service="web", desiredCount=2)
    fleet.wait(3600)
    assert fleet.worked()[0].hours == pytest.approx(served.hours + 2, abs=0.1)
    fleet.aws.client("ecs").delete_service(cluster="shop", service="web", force=True)
    left = fleet.worked()[0].hours
    fleet.wait(3600)
    assert fleet.worked()[0].hours == left


def test_a_deployment_fails_as_often_as_the_test_says(fleet: Fleet, flow_of: FlowOf) -> None:
    fleet.work(Work("service", "web", "shop", exit_code=1, failing=1, answer="it does not start"))
    anew = flow(flow_of, 'ecs.update_service(cluster="shop", service="web", force_new_deployment=True)')
    with pytest.raises(PartFailed, match="it does not start"):
        run(anew)
    run(anew)


def test_two_of_a_name_are_refused(fleet: Fleet) -> None:
    fleet.work(Work("glue", "load"), Work("lambda", "load"))
    with pytest.raises(ValueError, match="two works glue load"):
        fleet.work(Work("glue", "load"))
