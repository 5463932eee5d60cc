"""for_each within guard rails: waves, what fails in them, and what is left."""

import fake
from expect import case

from nightshift import FanOutStopped, PartFailed, Target, flow, for_each

NAMES = ["a", "b", "c", "d", "e"]


@case(
    result=[["a", "b", "c", "d", "e"], [], [], "", "5 of 5 done, 0 failed, 0 not started"],
    calls=["act a", "act b", "act c", "act d", "act e"],
)
@flow
def all_goes_well() -> list[object]:
    fleet = for_each(NAMES, lambda name: fake.act(name=name).name, at_most=2, max_failures=0)
    return [fleet.results, fleet.failed, fleet.left, fleet.stopped, fleet.summary]


@case(
    fails="FanOutStopped: 1 of 5 failed, and max_failures is 0: 1 of 5 done, 1 failed, 3 not started; "
    "first PartFailed: b failed; not started: c, d, e",
    calls=["act a", "act b"],
)
@flow
def no_further_wave_after_a_failure() -> list[str]:
    def one(name: str) -> str:
        return fake.act(name=name, fails="PartFailed" if name == "b" else None).name

    return for_each(NAMES, one, at_most=2, max_failures=0).results


@case(
    result=[["a", "c"], ["a", "c"], ["b", "d"], ["e"], "2 of 5 failed, and max_failures is 20%"],
    calls=["act a", "act b", "act c", "act d"],
)
@flow
def what_was_done_and_left_comes_back() -> list[object]:
    def one(name: str) -> str:
        return fake.act(name=name, fails="PartFailed" if name in ["b", "d"] else None).name

    fleet = for_each(NAMES, one, at_most=2, max_failures="20%", on_failure="continue")
    return [fleet.results, fleet.done, [failure.item for failure in fleet.failed], fleet.left, fleet.stopped]


@case(
    result=[["NoMatch", "b failed"]],
    calls=["act a", "act b", "act c"],
)
@flow
def as_many_as_are_tolerated_may_fail() -> list[list[str]]:
    def one(name: str) -> None:
        fake.act(name=name, fails="NoMatch" if name == "b" else None)

    fleet = for_each(["a", "b", "c"], one, at_most=3, max_failures=1)
    return [[failure.error, failure.cause] for failure in fleet.failed]


@case(result="stopped early", calls=["act a", "act after"])
@flow
def a_clause_takes_it() -> str:
    def one(name: str) -> None:
        fake.act(name=name, fails="PartFailed")

    try:
        for_each(NAMES, one, at_most=1, max_failures=0)
    except FanOutStopped:
        fake.act(name="after")
        return "stopped early"
    return "not stopped"


@case(result=[[[1], [2, 3], []], [["x"], ["y", "z"], []]], calls=[])
@flow
def lists_stay_lists() -> list[object]:
    fleet = for_each([["x"], ["y", "z"], []], sizes, at_most=2, max_failures=1)
    return [fleet.results, fleet.done]


def sizes(names: list[str]) -> list[int]:
    if len(names) == 2:
        return [2, 3]
    return [len(name) for name in names]


@case(result=[[], "0 of 0 done, 0 failed, 0 not started"], given={"names": []})
@case(result=[["x!"], "1 of 1 done, 0 failed, 0 not started"], given={"names": ["x"]}, calls=["act x"])
@flow
def of_none_and_one(names: list[str], suffix: str = "!") -> list[object]:
    fleet = for_each(names, lambda name: fake.act(name=name).name + suffix, max_failures=0)
    return [fleet.results, fleet.summary]


@case(
    result=[["a", "b"], ["a", "b"]],
    calls=["act a", "act b", "act a", "act b"],
)
@flow
def in_a_loop_each_pass_has_its_own() -> list[object]:
    names: list[list[str]] = []
    for _ in range(2):
        fleet = for_each(["a", "b"], lambda name: fake.act(name=name).name, at_most=1, max_failures=0)
        names = names + [fleet.results]
    return names


@case(result=[["a", "b", "c"], []], calls=["act a", "act b", "act c"])
@flow
def distributed_waves() -> list[object]:
    suffix = ""
    fleet = for_each(["a", "b", "c"], lambda name: fake.act(name=name).name + suffix, at_most=50, max_failures=0)
    return [fleet.results, fleet.left]


@case(
    fails="FanOutStopped: 1 of 2 failed, and max_failures is 0: 0 of 2 done, 1 failed, 1 not started; "
    "first NoMatch: dev failed; not started: dev (222222222222), eu-west-1",
    calls=["act dev"],
)
@flow
def targets_are_named_by_account_and_region() -> None:
    targets = [Target("222222222222", "dev", region, "") for region in ["us-east-1", "eu-west-1"]]
    for_each(targets, lambda target: fake.act(name=target.name, fails="NoMatch").name, at_most=1, max_failures=0)


REFUSED = "lab (333333333333): it does not let the app in"


@case(
    result="3 of 6 done, 3 failed, 0 not started\n"
    f"- {REFUSED}\n"
    "- web (222222222222), eu-west-1: NoMatch\n"
    "Done: hub (123456789012)\n"
    "Done there: web (222222222222), us-east-1",
)
@flow
def an_account_that_lets_nobody_in_is_told_once() -> str:
    accounts = [["hub", "123456789012"], ["lab", "333333333333"], ["web", "222222222222"]]
    east = [Target(a[1], a[0], "us-east-1", "") for a in accounts]
    targets = east + [Target(a[1], a[0], "eu-west-1", "") for a in accounts]

    def one(target: Target) -> None:
        if target.name == "lab":
            raise PartFailed(REFUSED)
        if target.name == "web" and target.region == "eu-west-1":
            raise PartFailed("NoMatch")

    return for_each(targets, one, at_most=4, max_failures="50%").report


@case(result="0 of 2 done, 1 failed, 1 not started\n- a: no\nNot started: b")
@flow
def the_report_of_texts() -> str:
    return for_each(["a", "b"], refused, at_most=1, max_failures=0, on_failure="continue").report


def refused(_: str) -> None:
    raise PartFailed("no")


@case(
    result=[
        "24 of 24 done, 0 failed, 0 not started\nDone: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 14 more",
        "0 of 0 done, 0 failed, 0 not started",
        "0 of 22 done, 22 failed, 0 not started\n" + "\n".join(f"- no {n}" for n in range(20)) + "\n- and 2 more",
        "1 of 1 done, 0 failed, 0 not started\nDone: eu-west-1",
    ],
)
@flow
def a_report_is_short_however_many_there_are() -> list[str]:
    done = for_each([str(n) for n in range(24)], lambda name: name, max_failures=0)
    none: list[str] = []
    nothing = for_each(none, lambda name: name, max_failures=0)

    def no(number: int) -> None:
        raise PartFailed(f"no {number}")

    failed = for_each(range(22), no, max_failures=22)
    home = for_each([Target("", "", "eu-west-1", "")], lambda target: target.region, max_failures=0)
    return [done.report, nothing.report, failed.report, home.report]
