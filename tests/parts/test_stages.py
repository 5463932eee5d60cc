"""The kernel of the parts: stages, verdicts, pacing, second tries, timeouts, dry runs and versions of the state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Unpack

import pytest

from lambdas.contract.errors import AccessDenied, PartTimeout, StateOutdated
from lambdas.contract.part import Call, Common, Part, Pending, Result, part
from lambdas.engine.sending import without_ids
from lambdas.engine.stages import DONE, Already, Batch, Each, Failed, Skipped, Stage, Stages, Verdicts, Work
from tests.parts.driver import RUN, TestAws, drive

LATE = "'{id}' is late"


class AwsError(Exception):
    """An error as botocore raises it."""

    def __init__(self, code: str, message: str = "no") -> None:
        super().__init__(message)
        self.response = {"Error": {"Code": code, "Message": message}}


class World:
    """What the requests of a test are made to: each is noted, and refused with the first error listed for it."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.errors: dict[str, list[str]] = {}

    def request(self, ids: Any, dry_run: bool) -> str:
        self.asked.append(ids)
        for resource in ids if isinstance(ids, list) else [ids]:
            if self.errors.get(resource):
                raise AwsError(self.errors[resource].pop(0), f"'{resource}' is refused")
        if dry_run:
            raise AwsError("DryRunOperation")
        return f"answer {ids}"


def staged(make: Callable[[Call], Iterable[Stage]], plan: dict[str, Any], **kwargs: Any) -> Part[..., Result]:
    """A part of these stages, with this plan."""

    def moving(call: Call, **common: Unpack[Common]) -> Result | Pending:
        """Move things."""
        stages = Stages(call, make(call), verb="move", done="moved", noun="thing", **kwargs)
        return stages.run(lambda: list(plan.items()), Result())

    declare: Any = part(timeout="10m")
    return declare(moving)  # type: ignore[no-any-return]


@pytest.fixture
def clock() -> TestAws:
    return TestAws()


@pytest.fixture
def world() -> World:
    return World()


def done_after(call: Call, seconds: float) -> Callable[[list[str]], Verdicts]:
    return lambda ids: [(i, DONE if call.now() >= 1_800_000_000 + seconds else "sent") for i in ids]


def batch(world: World, **kwargs: Any) -> Batch:
    return Batch("todo", "to be sent", LATE, request=world.request, **kwargs)


def each(world: World, **kwargs: Any) -> Each:
    return Each("todo", "to be sent", LATE, request=world.request, **kwargs)


def test_a_dry_run_goes_through_what_only_reads_and_leaves_out_work(clock: TestAws) -> None:
    worked: list[list[str]] = []

    def listed(ids: list[str]) -> Verdicts:
        return [("folder", "listed"), ("a", "work"), ("b", "work")] if clock.now() >= 1_800_000_010 else []

    def work(ids: list[str]) -> Verdicts:
        worked.append(ids)
        return [(i, DONE) for i in ids]

    moving = staged(
        lambda call: [
            Stage("list", "the things in {names} to be listed", LATE, poll=listed, reads=True),
            Work("work", "to be moved", LATE, poll=work),
        ],
        {"folder": "list"},
    )
    dry = drive(moving, clock, {"dry_run": True}).result
    assert (dry["changed"], dry["summary"], worked) == (["a", "b"], "would move 2 things", [])
    clock.clock -= 100
    reply = moving.invoke(clock, RUN, {}, None)
    assert reply["state"]["waiting_for"] == "the things in folder to be listed"
    real = drive(moving, clock, {}).result
    assert (real["changed"], worked) == (["a", "b"], [["a", "b"]])
    outcome = drive(moving, clock, {"interval": 60})
    # What comes to work is not left for as long as what waits.
    assert outcome.waits[-1] == 1


def test_what_a_poll_told_before_it_was_throttled_is_kept(clock: TestAws, world: World) -> None:
    polled: list[list[str]] = []

    def poll(ids: list[str]) -> Verdicts:
        polled.append(ids)
        yield ids[0], DONE
        if len(ids) > 1:
            raise AwsError("Throttling")

    moving = staged(lambda call: [Stage("sent", "to arrive", LATE, poll=poll)], {"a": "sent", "b": "sent"})
    assert drive(moving, clock, {}).result["changed"] == ["a", "b"]
    assert polled == [["a", "b"], ["b"]]


def test_the_plan_is_kept_before_anything_is_requested(clock: TestAws, world: World) -> None:
    moving = staged(lambda call: [batch(world)], {"a": "todo"})
    reply = moving.invoke(clock, RUN, {}, None)
    assert (reply["done"], reply["wait"], world.asked) == (False, 1, [])
    assert moving.invoke(clock, RUN, {}, reply["state"])["result"]["changed"] == ["a"]


def test_each_goes_on_alone_and_verdicts_become_the_result(clock: TestAws, world: World) -> None:
    plan = {
        "a": "todo",
        "b": Already("moved", DONE),
        "c": Skipped("is fixed"),
        "d": Failed("Broken", "'{id}' is broken"),
        "e": Already("moving", "sent"),
        "f": Skipped("excluded", matched=False),
    }
    moving = staged(lambda call: [batch(world), Stage("sent", "to move", LATE, poll=done_after(call, 30))], plan)
    result = drive(moving, clock, {"on_failure": "continue"}).result
    assert result["changed"] == ["a"]
    assert {s["id"]: s["reason"] for s in result["skipped"]} == {
        "b": "already moved",
        "c": "is fixed",
        "e": "already moving",
        "f": "excluded",
    }
    assert result["failed"] == [{"id": "d", "error": "Broken", "message": "'d' is broken"}]
    assert result["matched"] == ["a", "b", "c", "d", "e"]
    assert result["summary"] == "1 thing moved, 4 skipped, 1 failed"


def test_what_is_awaited_is_told_by_stage(clock: TestAws, world: World) -> None:
    stages = [batch(world), Stage("sent", "tags of {n} things", LATE, named=str.upper, poll=lambda ids: [])]
    moving = staged(lambda call: stages, {"a": "todo", "b": "sent"})
    state = moving.invoke(clock, RUN, {}, None)["state"]
    assert state["waiting_for"] == "1 to be sent (a); tags of 1 things (B)"


def test_at_the_end_of_the_timeout_each_says_what_it_lacked(clock: TestAws, world: World) -> None:
    late = Stage("sent", "to move", lambda resource: Failed("Stuck", f"{resource} is stuck"), poll=lambda ids: [])
    moving = staged(lambda call: [batch(world), late], {"a": "todo"})
    with pytest.raises(PartTimeout, match=r"(?s)1 to move \(a\).*a  Stuck: a is stuck"):
        drive(moving, clock, {})


def test_a_resource_makes_one_request_in_an_invocation(clock: TestAws, world: World) -> None:
    """What the first has done is in the state before the second is made."""
    again = World()
    second = Each("again", "to be sent again", LATE, request=again.request)
    moving = staged(lambda call: [each(world), second], {"a": "todo", "b": "again"})
    state = moving.invoke(clock, RUN, {}, None)["state"]
    reply = moving.invoke(clock, RUN, {}, state)
    assert (world.asked, again.asked, reply["done"], reply["wait"]) == (["a"], ["b"], False, 1)
    reply = moving.invoke(clock, RUN, {}, reply["state"])
    assert (world.asked, again.asked, reply["done"]) == (["a"], ["b", "a"], True)


def test_the_answer_is_kept_and_tells_where_to_go(clock: TestAws, world: World) -> None:
    def then(ids: list[str], answer: Any) -> Verdicts:
        return [(i, Skipped(answer) if i == "a" else DONE) for i in ids]

    moving = staged(lambda call: [each(world, then=then)], {"a": "todo", "b": "todo"})
    result = drive(moving, clock, {}).result
    assert result["changed"] == ["b"]
    assert result["skipped"] == [{"id": "a", "reason": "answer a"}]


def test_a_refusal_that_passes_gets_one_second_try(clock: TestAws, world: World) -> None:
    world.errors = {"a": ["NotYet"], "b": ["NotYet", "NotYet"]}
    moving = staged(lambda call: [each(world, again={"NotYet": "todo"})], {"a": "todo", "b": "todo"})
    result = drive(moving, clock, {"on_failure": "continue"}).result
    assert result["changed"] == ["a"]
    assert result["failed"] == [{"id": "b", "error": "NotYet", "message": "'b' is refused"}]


def test_a_refusal_may_mean_that_it_is_done(clock: TestAws, world: World) -> None:
    world.errors = {"a": ["Gone"], "b": ["InUse"]}

    def refused(resource: str, code: str, message: str) -> Any:
        return DONE if code == "Gone" else Skipped(message)

    moving = staged(lambda call: [each(world, refused=refused)], {"a": "todo", "b": "todo"})
    result = drive(moving, clock, {}).result
    assert result["changed"] == ["a"]
    assert result["skipped"] == [{"id": "b", "reason": "'b' is refused"}]


def test_a_busy_resource_waits_and_a_full_account_holds_up_all(clock: TestAws, world: World) -> None:
    world.errors = {"a": ["Busy"], "b": ["Full"]}
    stage = each(world, busy={"Busy": 15}, full=frozenset({"Full"}))
    outcome = drive(staged(lambda call: [stage], dict.fromkeys("abc", "todo")), clock, {})
    assert outcome.result["changed"] == ["a", "b", "c"]
    assert world.asked == ["a", "b", "a", "b", "c"]
    assert outcome.waits == [1, 15]


@pytest.mark.parametrize("kind", [batch, each])
def test_throttling_is_waited_for(clock: TestAws, world: World, kind: Any) -> None:
    world.errors = {"b": ["Throttling", "Throttling"]}
    outcome = drive(staged(lambda call: [kind(world)], dict.fromkeys("abc", "todo")), clock, {})
    assert outcome.result["changed"] == ["a", "b", "c"]
    assert len(outcome.waits) == 3


def test_the_time_of_an_invocation_is_kept(clock: TestAws, world: World) -> None:
    clock.left = 10
    outcome = drive(staged(lambda call: [each(world)], dict.fromkeys("abc", "todo")), clock, {})
    assert outcome.waits == [1, 1, 1]


@pytest.mark.parametrize("kind", [batch, each])
def test_a_role_without_permission_ends_the_step(clock: TestAws, world: World, kind: Any) -> None:
    world.errors = {i: ["AccessDenied"] * 9 for i in "abc"}
    with pytest.raises(AccessDenied, match="the role may not move things: AccessDenied: "):
        drive(staged(lambda call: [kind(world)], dict.fromkeys("abc", "todo")), clock, {})


def test_one_that_may_not_be_touched_fails_alone(clock: TestAws, world: World) -> None:
    world.errors = {"a": ["AccessDenied"]}
    moving = staged(lambda call: [each(world, denied="one")], dict.fromkeys("ab", "todo"))
    result = drive(moving, clock, {"on_failure": "continue"}).result
    assert (result["changed"], [f["id"] for f in result["failed"]]) == (["b"], ["a"])


def test_what_may_not_be_mixed_goes_apart(clock: TestAws, world: World) -> None:
    moving = staged(
        lambda call: [batch(world, size=2, apart=lambda i: i[0])], dict.fromkeys(["a1", "b1", "a2", "a3"], "todo")
    )
    drive(moving, clock, {})
    assert world.asked == [["a1", "a2"], ["a3"], ["b1"]]


def test_while_requests_are_made_only_what_they_wait_for_is_polled(clock: TestAws, world: World) -> None:
    world.errors = {"a": ["Throttling"] * 3}
    polled: list[str] = []

    def poll(name: str) -> Callable[[list[str]], Verdicts]:
        def polls(ids: list[str]) -> Verdicts:
            polled.append(name)
            return [(i, "todo" if name == "blocked" else DONE) for i in ids]

        return polls

    stages = [
        Stage("blocked", "blocked", LATE, poll=poll("blocked")),
        batch(world),
        Stage("sent", "sent", LATE, poll=poll("sent")),
    ]
    drive(staged(lambda call: stages, {"a": "todo", "b": "blocked", "c": "sent"}), clock, {})
    assert polled[0] == "blocked"
    assert polled.count("sent") == 1


def test_a_dry_run_asks_for_each_request_and_does_nothing(clock: TestAws, world: World) -> None:
    later = World()
    later.errors = {"b": ["NotAllowed"]}
    stages = [
        Stage("blocked", "blocked", LATE, poll=lambda ids: []),
        batch(world),
        Each("second", "second", LATE, request=later.request, asks=lambda i: i != "c"),
        Stage("sent", "to move", LATE, poll=lambda ids: []),
    ]
    plan = {"a": "todo", "b": "todo", "c": "blocked", "d": Already("moved", "sent"), "e": "second"}
    result = drive(staged(lambda call: stages, plan), clock, {"dry_run": True, "on_failure": "continue"}).result
    assert result["changed"] == ["a", "c", "e"]
    assert [f["id"] for f in result["failed"]] == ["b"]
    assert (sorted(world.asked[0]), later.asked) == (["a", "b", "c"], ["a", "b", "e"])
    assert result["summary"] == "would move 3 things, 1 skipped, 1 would fail"


def test_a_plan_throttled_half_way_is_made_anew(clock: TestAws, world: World) -> None:
    def moving(call: Call, **common: Unpack[Common]) -> Result | Pending:
        """Move things; the plan is throttled once."""
        stages = Stages(call, [batch(world)], verb="move", done="moved", noun="thing")

        def plan() -> Verdicts:
            stages.progress.fail(["x"], "Gone", "gone")
            if clock.now() == 1_800_000_000:
                raise AwsError("Throttling")
            return [("a", "todo")]

        return stages.run(plan, Result())

    declare: Any = part(timeout="10m")
    result = drive(declare(moving), clock, {"on_failure": "continue"}).result
    assert (result["changed"], len(result["failed"])) == (["a"], 1)


def old(**state: Any) -> dict[str, Any]:
    return {"started": 1_800_000_000, "looks": 1, "part": state}


def test_a_state_of_older_code_is_upgraded(clock: TestAws, world: World) -> None:
    def upgrade(state: dict[str, Any]) -> None:
        state["ids"]["todo"] = state["ids"].pop("waiting")

    moving = staged(lambda call: [batch(world)], {}, v=3, upgrades={1: upgrade, 2: lambda state: None})
    reply = moving.invoke(clock, RUN, {}, old(v=1, ids={"waiting": ["a"]}))
    assert reply["result"]["changed"] == ["a"]


def test_a_state_without_a_plan_is_planned_again(clock: TestAws, world: World) -> None:
    moving = staged(lambda call: [batch(world)], {"b": "todo"}, upgrades={0: lambda state: state.clear()})
    reply = moving.invoke(clock, RUN, {}, old(failed=[["X", "x", ["a"]]]))
    assert reply["state"]["part"]["ids"] == {"todo": ["b"]}
    assert "failed" not in reply["state"]["part"]


@pytest.mark.parametrize("state", [{"ids": {"todo": ["a"]}}, {"v": 1}, {"v": 3}])
def test_a_state_that_cannot_be_read_is_refused(clock: TestAws, world: World, state: dict[str, Any]) -> None:
    moving = staged(lambda call: [batch(world)], {}, v=2)
    with pytest.raises(StateOutdated, match=r"step step_1 of arn:.* was planned by version \d .* start the flow again"):
        moving.invoke(clock, RUN, {}, old(**state))
    assert world.asked == []


def test_the_name_of_a_function_is_no_id_in_a_message() -> None:
    role = "arn:aws:sts::123456789012:assumed-role/role/nightshift-ec2-stop_instances"
    told = f"User: {role} is not authorized on arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"
    assert without_ids(told) == told.replace("i-0123456789abcdef0", "'{id}'")
    assert without_ids("The instances 'i-0a1', 'i-0a2' are gone") == "The instances '{id}' are gone"
