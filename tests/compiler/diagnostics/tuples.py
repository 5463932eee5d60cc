"""Comparisons and additions that may tell a tuple from a list, however the tuple gets there."""

from dataclasses import dataclass, field
from typing import Any

import fake

from nightshift import flow, for_each, parallel

PAIR = ("a", 1)
NAMES = ("a", "b")


@dataclass
class Host:
    name: str
    sizes: Any = None
    tags: list[str] = field(default_factory=lambda: ("x",))


def make() -> Any:
    return ("a", 1)


def kept():
    t = (1, 2)
    return t


def as_list() -> list:
    return ("a", "b")


def given_back(value: Any) -> Any:
    return value


def with_default(value: Any = PAIR) -> Any:
    return value


def same(xs: list[str], ys: list[str]) -> bool:
    return xs == ys
#          ^ NS202 list(xs)


@flow
def helpers():
    rows = [make(), []]
    a = rows == [["a", 1], []]
#       ^ NS202 list(xs)
    b = kept() == [1, 2]
#       ^ NS202 list(xs)
    c = as_list() == ["a", "b"]
#       ^ NS202 list(xs)
    d = given_back((1, 2)) == [1, 2]
#       ^ NS202 list(xs)
    e = with_default() == ["a", 1]
#       ^ NS202 list(xs)
    f = same(as_list(), ["a", "b"])
    return [a, b, c, d, e, f]


@flow
def held_in_something(given: dict[str, Any], sure: bool):
    anything: Any = ("a", 1)
    a = anything == ["a", 1]
#       ^ NS202 list(xs)
    held = {"pair": anything}
    b = held["pair"] == given["pair"]
#       ^ NS202 list(xs)
    c = held == given
#       ^ NS202 list(xs)
    host = Host("a", sizes=(1, 2))
    d = host.sizes == [1, 2]
#       ^ NS202 list(xs)
    e = Host("a").tags == ["x"]
#       ^ NS202 list(xs)
    f = host == Host("a", sizes=[1, 2])
#       ^ NS202 list(xs)
    g = held.get("pair", []) != ["a", 1]
#       ^ NS202 list(xs)
    h = ((1, 2) if sure else [1, 2]) == [1, 2]
#       ^ NS202 list(xs)
    i = (as_list() or []) == ["a", 1]
#       ^ NS202 list(xs)
    return [a, b, c, d, e, f, g, h, i]


@flow
def run_as_branches(names: list[str]):
    pair: Any = (1, 2)

    def closure() -> bool:
        return pair == [1, 2]
#              ^ NS202 list(xs)

    def branch() -> Any:
        return (1, 2)

    closure()
    both = parallel(branch, lambda: [1, 2])
    a = both[0] == both[1]
#       ^ NS202 list(xs)
    b = for_each(names, lambda name: (name, 1)) == [["a", 1]]
#       ^ NS202 list(xs)
    return [a, b]


@flow
def read_in_another_way(sizes: dict[str, int], names: list[str]):
    rows: list[Any] = []
    rows.append(("a", 1))
    a = [row for row in rows if row == ["a", 1]]
#                               ^ NS202 list(xs)
    for row in rows:
        if row != ["a", 1]:
#          ^ NS202 list(xs)
            fake.act(name="x")
    pairs = list(sizes.items())
    b = pairs[0] == ["a", 1]
#       ^ NS202 list(xs)
    c = NAMES[:1] == ["a"]
#       ^ NS202 list(xs)
    first, second = [make(), 1]
    d = first == ["a", 1]
#       ^ NS202 list(xs)
    for pair in list(zip(names, names)):
        if pair == ["a", "a"]:
#          ^ NS202 list(xs)
            return pair[0]
    one = two = PAIR
    e = two == ["a", 1]
#       ^ NS202 list(xs)
    f = [x for x in names] == names == as_list()
#       ^ NS202 list(xs)
    g = (len(names), [1]) == (1, (1,))
#       ^ NS202 list(xs)
    h = sizes.keys() == ["a"]
#       ^ NS202 list(xs)
    i = sorted(sizes.items(), key=lambda pair: 1 if pair == ["a", 1] else 0)
#                                                   ^ NS202 list(xs)
    return [a, b, c, d, e, f, g, h, i, second, one]


@flow
def added(names: list[str]):
    a = NAMES + ["c"]
#       ^ NS202 list(xs)
    b = as_list() + names
#       ^ NS202 list(xs)
    c = NAMES[1:]
    c += ["d"]
#   ^ NS202 list(xs)
    d = NAMES[1:]
    d.append("e")
#   ^ NS202 list(xs)
    return [a, b, c, d]
