"""Hints for what operators write first: values as text, modules of Python, functions of functions, lists of lists."""

import collections
import json
import math
import re
from dataclasses import dataclass
from typing import Any, TypedDict

import fake

from nightshift import flow, for_each, parallel, sleep


class Row(TypedDict):
    name: str
    size: int


@dataclass
class Host:
    name: str


@flow
def values_as_text(xs: list[str], ns: list[int], d: dict[str, int], row: Row, host: Host, v: int | str):
    a = str(xs)
#       ^ NS209 Write ", ".join(xs)
    b = f"{ns}"
#          ^ NS209 Write ", ".join([f"{x}" for x in xs]), with the field, key or format that is
    c = f"{d}"
#          ^ NS209 Write ", ".join([f"{k}={v}" for k, v in d.items()])
    e = f"{row}"
#          ^ NS209 Write the field that is meant: x['name']
    g = f"{host}"
#          ^ NS209 Write the field that is meant: x.name
    h = f"{fake.act(name='a')}"
#          ^ NS209 Write the field that is meant: x.summary
    i = f"{v}"
#          ^ NS209 Make it a text where it is given its value: str(...)


@flow
def modules(n: int, s: str):
    a = json.dumps({"a": n})
#       ^ NS206 Give the value itself: parts take and give lists and dicts, and so does the
    b = re.match("a", s)
#       ^ NS206 Write startswith, endswith, in, split, partition or find of the text
    c = math.ceil(n / 2)
#       ^ NS206 Write a // b to round down, -(-a // b) to round up, or round(x)
    e = collections.Counter([s])
#       ^ NS206 Count and group in a dict: counts[key] = counts.get(key, 0) + 1


@flow
def methods(xs: list[str], s: str, maybe: str | None, several: list[str] | None):
    ys: list[str] = []
    ys.extend(xs)
#   ^ NS206 Lists do not change: write ys = ys + xs
    a = xs.join("-")
#       ^ NS206 Write '-'.join(xs)
    b = xs.length()
#       ^ NS206 Write len(xs)
    c = s.isdigit()
#       ^ NS206 Write s != "" and all(s[i] in "0123456789" for i in range(len(s))). str has
    e = len(maybe)
#       ^ NS207 Test for None first: `if x is not None:`
    for x in several:
#            ^ NS202 Test for None first: `if several is not None:`, or go over several or []
        fake.act(name=x)


@flow
def functions(xs: list[str], n: int):
    parallel(fake.act(name="a"))
#            ^ NS306 Write lambda: fake.act(name='a'), which is called when its turn comes
    parallel([lambda: fake.act(name=x) for x in xs])
#            ^ NS306 Write for_each(xs, f), which runs a function for each item
    for_each(xs, fake.act)
#                ^ NS306 Write a lambda that gives it its parameters: lambda x: fake.act(...=x)
    double = lambda x: x * 2
#            ^ NS201 Use a lambda only as a branch of parallel(...) or for_each(...); else write def
    a = double(1)
    b = n(1)
#       ^ NS401 A variable holds no function: define one with def f(x)


@flow
def counted_and_chosen(xs: list[str], rows: list[list[list[int]]], size: int, soon: bool):
    sleep("1m" if soon else "2m")
#         ^ NS306 Write seconds as an int: sleep(60 if x else 120); only a constant may be a text
    (a, b), c = rows
#   ^ NS102 Take it apart in two statements: name it first, pair, ... = ..., then a, b =
    for start in range(0, len(xs), size):
#                ^ NS207 Write a literal step, or count: i = start, `while i < stop:`, and at the end of
        fake.find(ids=xs[start : start + size])
    e = [xs[i] for i in range(len(xs) - 1, -1, -1)]
#                       ^ NS207 Compute it from a range of steps: [start + step * i for i in range(n)]
    if (n := len(xs)) > 3:
#       ^ NS201 Assign in a statement of its own; for a `while` before it, and again at the end
        fake.act(name="many")


@flow
def sorted_by_anything(xs: list[Any], names: list[str]):
    a = sorted(zip(names, xs))
#              ^ NS207 Sort by text or numbers, or a tuple of those: key=lambda x: (x.state, x.size)
