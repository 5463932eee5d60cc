"""Results of parts: fields, lists of records, fields that may be None, and what the contract adds."""

import fake
from expect import case

from nightshift import flow


@case(result=["a", 1, ["a"], "a acted", [], {}], calls=["act a"])
@flow
def fields() -> list[object]:
    acted = fake.act(name="a")
    return [acted.name, acted.length, acted.changed, acted.summary, acted.failed, acted.responses]


@case(result=["i-1", 2, None, 0], calls=['find ids=["i-1", "i-2"]', "find ids=[]"])
@flow
def optional_fields() -> list[str | int | None]:
    two = fake.find(ids=["i-1", "i-2"])
    none = fake.find(ids=[])
    return [two.first, two.total, none.first, none.total]


@case(result=["first is i-1", "none"], calls=['find ids=["i-1"]', "find ids=[]"])
@flow
def narrowing_of_a_field() -> list[str]:
    one = fake.find(ids=["i-1"])
    first = one.first
    said = "none"
    if first is not None:
        said = "first is " + first
    nothing = fake.find(ids=[])
    other = nothing.first
    return [said, other or "none"]


@case(result=[["m-0", "m-1", "m-2"], ["m-0", "m-2"], 6, ["v-2-0", "v-2-1"]], calls=["machines"])
@flow
def lists_of_records() -> list[object]:
    found = fake.machines(count=3)
    running = [m.id for m in found.machines if m.state == "running"]
    return [[m.id for m in found.machines], running, sum([m.size for m in found.machines]), found.machines[2].volumes]


@case(result=[["m-0"], [{"id": "m-0", "size": 1}], ["name 0"]], calls=["machines"])
@flow
def a_list_of_one_record() -> list[object]:
    found = fake.machines(count=1)
    return [
        [m.id for m in found.machines],
        [{"id": m.id, "size": m.size} for m in found.machines],
        [m.tags["Name"] for m in found.machines],
    ]


@case(result=[[], 0, True, None, {}, []], calls=["machines"])
@flow
def no_records() -> list[object]:
    found = fake.machines(count=0)
    return [
        [m.id for m in found.machines],
        len(found.machines),
        not found.machines,
        found.largest,
        found.sizes,
        [g for g in found.groups],
    ]


@case(result=["m-2 of 3", "web", {"m-0": 1, "m-1": 2, "m-2": 3}], calls=["machines"])
@flow
def records_in_records() -> list[object]:
    found = fake.machines(count=3)
    largest = found.largest
    said = "none"
    if largest is not None:
        said = f"{largest.id} of {largest.size}"
    return [said, found.machines[0].tags["Tier"], found.sizes]


@case(result=[[], ["v-1-0"], ["v-2-0", "v-2-1"], [["v-1-0"]], ["m-0", None]], calls=["machines"])
@flow
def lists_in_records() -> list[object]:
    found = fake.machines(count=3)
    return [
        found.groups[0],
        found.groups[1],
        found.groups[2],
        [g for g in found.groups if len(g) == 1],
        [found.machines[1].parent, found.machines[0].parent],
    ]


@case(result=["m-0 1", "m-1 2"], calls=["machines", "act m-0", "act m-1"])
@flow
def looping_over_records() -> list[str]:
    said: list[str] = []
    for machine in fake.machines(count=2).machines:
        fake.act(name=machine.id)
        said = said + [f"{machine.id} {machine.size}"]
    return said


@case(
    result=[["b"], ["b is broken"], "Broken", ["other: excluded"]],
    calls=['partial bad=["b"] names=["a", "b"] on_failure="continue"'],
)
@flow
def failures_reported() -> list[object]:
    done = fake.partial(names=["a", "b"], bad=["b"], on_failure="continue")
    return [
        [f.id for f in done.failed],
        [f.message for f in done.failed],
        done.failed[0].error,
        [f"{s.id}: {s.reason}" for s in done.skipped],
    ]


@case(
    fails="PartFailed: fake.partial: 1 of 2 resources failed\n  b  Broken: b is broken\nChanged before that: a",
    calls=['partial bad=["b"] names=["a", "b"]'],
)
@flow
def failures_that_fail() -> None:
    fake.partial(names=["a", "b"], bad=["b"])


@case(fails="NoMatch", calls=["find ids=[] require_match=true"])
@flow
def no_match_required() -> None:
    fake.find(ids=[], require_match=True)


@case(result=["fake.partial: nothing matched names=[], bad=[]"], calls=["partial bad=[] names=[]"])
@flow
def warning_of_no_match() -> list[str]:
    return fake.partial(names=[], bad=[]).warnings


@case(result=["a", {"deep": [1, {"x": "y"}]}, True], calls=['echo value={"deep": [1, {"x": "y"}]}'])
@flow
def any_values() -> list[object]:
    """A value of type Any is carried along, and read after an annotated assignment."""
    sent = fake.echo(value={"deep": [1, {"x": "y"}]})
    value = sent.value
    typed: dict[str, list[int]] = sent.value
    return ["a", value, len(typed["deep"]) == 2]


@case(
    result=None,
    calls=['echo flag=true labels={"a": "b"} mode="hard" ratio=2 region="eu-west-1" size=3 value=[1]'],
)
@flow
def parameters_of_every_type() -> None:
    fake.echo(value=[1], size=3, ratio=2, flag=True, mode="hard", labels={"a": "b"}, region="eu-west-1")


@case(result=None, calls=['find tag="a=b"', 'find tag=["a=b", "c=d"]', "find"])
@flow
def parameters_of_several_types(nothing: list[str] | None = None) -> None:
    """One parameter takes a text or a list; None is the same as not giving it."""
    fake.find(tag="a=b")
    fake.find(tag=["a=b", "c=d"])
    fake.find(tag=nothing, ids=None)


@case(result=["i-1", "none"], calls=['find ids=["i-1"]', "find ids=[]"])
@flow
def a_result_in_a_condition() -> list[str]:
    said: list[str] = []
    if fake.find(ids=["i-1"]).matched:
        said = said + ["i-1"]
    if not fake.find(ids=[]).matched:
        said = said + ["none"]
    return said


@case(
    result={
        "name": "a",
        "length": 1,
        "matched": ["a"],
        "changed": ["a"],
        "skipped": [],
        "failed": [],
        "warnings": [],
        "summary": "a acted",
        "responses": {},
        "part": "fake.act",
        "account": "",
        "region": "",
    },
    calls=["act a"],
)
@flow
def a_whole_result_returned() -> object:
    return fake.act(name="a")
