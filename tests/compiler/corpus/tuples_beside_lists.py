"""Tuples that live on, beside comparisons and additions of lists in which none can be."""

from dataclasses import dataclass
from typing import Any

import fake
from expect import case

from nightshift import flow, for_each, parallel

PAIR = ("a", 1)
NAMES = ("a", "b")


@dataclass
class Host:
    """What is compared by its fields."""

    name: str
    tags: list[str]


def make() -> Any:
    """A tuple that is known to be one nowhere."""
    return ("a", 1)


@case(given={"xs": ["a"], "ys": ["a"]}, result=[True, True, False, True, [["a"], ["a", "b"], ["a", "c"], ["a", "d"]]])
@case(given={"xs": ["a"], "ys": []}, result=[False, True, False, False, [["a"], ["b"], ["c"], ["a", "d"]]])
@flow
def lists_that_are_seen_to_be_some(xs: list[str], ys: list[str]) -> list[object]:
    """Parameters of a flow, what is written out, split or sorted, and what is made of these."""
    own = ["a"]
    again = [y for y in ys]
    rows = [own]
    rows.append(ys + ["b"])
    rows += [again + ["c"]]
    rows = rows + ["a d".split()]
    return [xs == ys, own == "a".split(), rows == [xs, ys], own == again, rows]


@case(result=[True, False, True, True], calls=["machines"])
@flow
def parts_and_records() -> list[object]:
    """What a part gives is JSON."""
    found = fake.machines(count=2)
    ids = [machine.id for machine in found.machines]
    first = Host("a", ids)
    same = first == Host("a", ["m-0", "m-1"])
    return [ids == ["m-0", "m-1"], found.machines[0].tags == found.machines[1].tags, same, {"a": ids} == {"a": ids}]


@case(result=[True, False, True, False, True, {"row": ["a", 1]}])
@flow
def tuples_in_the_same_places(n: int = 1) -> list[object]:
    """Both are written as tuples, or read item by item."""
    row: Any = make()
    name, size = PAIR
    held = {"row": row}
    return [(n, "a") == (1, "a"), (n, 2) == (1, 3), size == n, (n, [n]) != (1, [n]), [name] == ["a"], held]


@case(result=[True, True, ["a", "b", "c"], ["a", "b"], True])
@flow
def made_into_lists(n: int = 1) -> list[object]:
    """By list(...), in both worlds."""
    pair = (n, n + 1)
    names = list(NAMES)
    names.append("c")
    return [list(pair) == [1, 2], list(NAMES) == ["a", "b"], names, list(NAMES[:1]) + ["b"], list(pair) == [n, 2]]


@case(result=["a", ["a", 1], True], calls=["act a"])
@flow
def another_flow_gets_and_gives_lists() -> list[object]:
    """Tuples do not reach another flow, nor come from it."""
    given = takes(pair=("a", "b"))
    return [fake.act(name=given["first"]).name, given["pair"], given["is_list"]]


@case(given={"pair": ["a", "c"]}, result={"first": "a", "pair": ["a", 1], "is_list": False})
@case(given={}, result={"first": "a", "pair": ["a", 1], "is_list": True})
@flow
def takes(pair: list[str] = ["a", "b"]) -> dict[str, Any]:
    """Of a flow, parameters and result are JSON."""
    held: dict[str, Any] = {"first": pair[0], "pair": make(), "is_list": pair == ["a", "b"]}
    return held


def without_first(names: list[str]) -> list[str]:
    """A helper that gets and gives lists."""
    return names[1:]


def last(rows: list[list[str]], wanted: list[str]) -> bool:
    """A helper that compares what it is given."""
    return rows[-1] == wanted


@case(given={"names": ["a", "b"]}, result=[False, True, True, True, False, ["a", 1], ["b", "c"]])
@case(given={"names": ["a"]}, result=[True, False, False, False, False, ["a", 1], ["c"]])
@flow
def helpers_that_get_lists(names: list[str]) -> list[object]:
    """What a helper is given and gives is known by all its calls, also where tuples are elsewhere."""
    pair = make()
    rest = without_first(names)
    rows: list[list[str]] = []
    for name in names:
        rows.append([name])
    both = parallel(lambda: names[:1], lambda: rest)
    found = for_each(names, lambda name: [name, name])
    held: list[Any] = [rest == [], rest == ["b"], last(rows, ["b"]), both[1] == ["b"], found == []]
    more: list[Any] = [pair, rest + ["c"]]
    return held + more


@case(result=[False, False, ["a", 1]])
@flow
def compared_with_an_empty_list() -> list[object]:
    """A tuple that has items is equal to an empty list in no world."""
    pair: Any = make()
    return [pair == [], [pair] == [[]], pair]
