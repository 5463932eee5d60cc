"""Pairs, and what else gives several names a value each."""

from typing import Any, NotRequired, TypedDict

import fake
from expect import case

from nightshift import flow

PAIRS = [("web", 1), ("db", 2)]
NAMES = {"web": ["i-1", "i-2"], "db": []}
NOT_TWO = "States.QueryEvaluationError"


class Row(TypedDict):
    """A row of a file."""

    name: str
    size: NotRequired[int]


@case(result=[3, "web1 db2", {"web": 1, "db": 2}], calls=["act web", "act db"])
@flow
def pairs_of_the_file() -> list[object]:
    total = 0
    for name, size in PAIRS:
        fake.act(name=name)
        total += size
    return [total, " ".join(f"{name}{size}" for name, size in PAIRS), {name: size for name, size in PAIRS}]


@case(given={}, result=["web", "db"], calls=["act web", "act db"])
@case(given={"pairs": [["a", 7]]}, result=["a"], calls=["act a"])
@flow
def pairs_that_are_given(pairs: list[tuple[str, int]] = [("web", 1), ("db", 2)]) -> list[str]:
    for name, _ in pairs:
        fake.act(name=name)
    return [name for name, size in pairs if size > 0]


@case(given={"s": "key=value"}, result=["key", "value"])
@case(given={"s": "key"}, fails=NOT_TWO, cpython="ValueError")
@case(given={"s": "a=b=c"}, fails=NOT_TWO, cpython="ValueError")
@flow
def split_in_two(s: str) -> list[str]:
    key, value = s.split("=")
    return [key, value]


@case(given={"rows": [["a", "b"], ["c", "d"]]}, result=["ab", "cd"])
@case(given={"rows": [["a", "b"], ["c"]]}, fails=NOT_TWO, cpython="ValueError")
@flow
def lists_of_lists(rows: list[list[str]]) -> list[str]:
    return [left + right for left, right in rows]


@case(result=["3web1", "4db2", "akv7", "blw8", "q12", "0a1", "1b2"])
@flow
def pairs_in_pairs() -> list[str]:
    said: list[str] = []
    for at, (name, size) in enumerate(PAIRS, start=3):
        said.append(f"{at}{name}{size}")
    for (left, right), number in zip([["ak", "v"], ["bl", "w"]], [7, 8]):
        said.append(f"{left}{right}{number}")
    for key, (first, second) in {"q": ["1", "2"]}.items():
        said.append(f"{key}{first}{second}")
    return said + [f"{at}{name}{len(ids)}" for at, (name, ids) in enumerate(zip(["a", "b"], [[5], [6, 7]]))]


@case(result=[["m-0 name 0", "m-1 name 1"], 2], calls=["machines"])
@flow
def pairs_that_the_flow_makes() -> list[object]:
    rows = [(machine.id, machine.tags) for machine in fake.machines(count=2).machines]
    said: list[str] = []
    for name, tags in rows:
        said.append(f"{name} {tags['Name']}")
    return [said, len(rows)]


@case(result=[[2, 0], [["i-1", "i-2"], []], [[1], 2, [], [[3]], None], [1, 2]], calls=["machines"])
@flow
def values_of_any_kind() -> list[object]:
    mixed: dict[str, Any] = {"a": [1], "b": 2, "c": [], "d": [[3]], "e": None}
    machines = {machine.id: machine for machine in fake.machines(count=2).machines}
    counts = [len(ids) for ids in NAMES.values()]
    return [counts, [ids for ids in NAMES.values()], [v for v in mixed.values()], [m.size for m in machines.values()]]


@case(result=[0, 3, "b", None])
@flow
def keys_that_may_be_missing() -> list[object]:
    small: Row = {"name": "a"}
    large: Row = {"name": "b", "size": 3}
    return [small.get("size", 0), large.get("size", 0), large.get("name"), small.get("size")]


@case(
    result=[
        [["b", 3], ["a", 2], ["c", 2]],
        ["b", "a", "c"],
        ["c=2"],
        [["a", 2], ["b", 3], ["c", 2]],
        [[0, [5]], [1, []]],
    ]
)
@case(result=[[], [], [], [], [[0, [5]], [1, []]]], given={"sizes": {}})
@flow
def pairs_in_order(sizes: dict[str, int] = {"a": 2, "b": 3, "c": 2}) -> list[object]:
    """Values with the names they belong to, the largest first."""
    largest = sorted(sizes.items(), key=lambda pair: pair[1], reverse=True)
    names = [name for name, _ in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))]
    last = [f"{name}={size}" for name, size in largest[2:]]
    return [largest, names, last, list(sizes.items()), list(enumerate([[5], []]))]


@case(result=[[[], ["i-4"], ["i-1", "i-2"]], [["i-3"]], [[1, ["x"]], [2, []]]])
@flow
def lists_in_order() -> list[object]:
    """Each stays a list, also the only one of one item."""
    found = [["i-1", "i-2"], [], ["i-4"]]
    pairs = list(zip([2, 1], [[], ["x"]]))
    return [sorted(found, key=len), sorted([["i-3"]], key=len), sorted(pairs, key=lambda pair: pair[0])]
