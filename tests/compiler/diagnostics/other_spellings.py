"""What Python programmers write by habit, each with the spelling of the flow language."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import fake

from nightshift import Failed, PartFailed, flow


@dataclass
class Row:
    size: int

    def total(self) -> int:
        return self.size


@flow
def of_records():
    row = Row(1)
    a = row.total()
#       ^ NS206 Write a function of the file instead of a method: total(row)
    b = fake.act(name="a").to_dict(1)
#       ^ NS206 to_dict(fake.act(name='a'), 1)
    c: int = "a"
#            ^ NS205 a str is not an int


@flow
def of_dicts(a: dict[str, str], b: dict[str, str], names: list[str]):
    c = ",".join(a)
#       ^ NS207 write a.keys(), or [f"{k}={v}" for k, v in a.items()]
    d = {**a, **b}
#       ^ NS208 both = {k: a[k] for k in a}
    e = a | b
#       ^ NS202 both = {k: a[k] for k in a}
    f = dict.fromkeys(names)
#       ^ NS206 {x: value for x in xs}
    del a["x"]
#   ^ NS101 left = {k: a[k] for k in a if k != 'x'}


@flow
def of_numbers_and_text(n: int, s: str, b: bool, xs: list[int]):
    c = "found %d" % n
#       ^ NS202 Write an f-string
    d = sum(x > 1 for x in xs)
#       ^ NS207 Count with len([x for x in xs if test])
    e = b + n
#       ^ NS202 Write int(x) of the bool
    f = xs < [1]
#       ^ NS202 compare what is in them
    g = max(xs, key=abs)
#       ^ NS207 sorted(xs, key=..., reverse=True)[0]
    h = min(xs, key=abs)
#       ^ NS207 sorted(xs, key=...)[0]
    i = 9007199254740993
#       ^ NS208 of whole ones at most 2 ** 53
    for sign in s:
#               ^ NS202 for i in range(len(s))
        fake.act(name=sign)


@flow
def errors_kept():
    kept = []
    last = None
    try:
        fake.act(name="a")
    except PartFailed as e:
        kept = kept + [e]
        last = e
    if kept:
        raise kept[0]
#       ^ NS404 raise Failed(f"{kept[0]}")
    raise last
#   ^ NS404 Test for None first


@flow
def errors_made():
    error = Failed("x")
#           ^ NS206 raise Failed("...")
    raise error


@flow
def in_the_function_around():
    total = 0

    def add():
        nonlocal total
#       ^ NS103 Return the value instead
        total += 1

    add()
    return total


@flow
def of_anything(value: Any):
    return f"{value}"
#             ^ NS209 an Any has no text form


@dataclass
class Doubled:
    size: int

    def __post_init__(self) -> None:
        self.size *= 2


@dataclass
class Empty:
    size: int

    def __bool__(self) -> bool:
        return self.size > 0


@dataclass(eq=False)
class Single:
    size: int


@dataclass
class Around:
    inner: list[Empty]


@flow
def of_records_that_decide(size: int, given: Around):
#                                            ^ NS210 as Empty.__bool__ decides what it is
    a = Doubled(size)
#       ^ NS206 leave Doubled.__post_init__ out
    b = Empty(size)
#       ^ NS206 leave Empty.__bool__ out
    c = Single(size)
#       ^ NS206 leave eq=False of Single out
    d: Empty | None = None
#      ^ NS210 let a function of the file
    return d


class Size(StrEnum):
    SMALL = "small"


COUNTS = Counter("aab")


@flow
def of_constants_that_are_more(key: str, given: dict[int, str]):
#                                               ^ NS210 dict[str, T]
    a = Size.SMALL
#       ^ NS208 Write Size.SMALL.value
    b = Size.SMALL.value + key
    c = COUNTS[key]
#       ^ NS208 Make it a dict where the file defines it: dict(...)
    return [b]
