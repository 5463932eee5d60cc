"""Hints for what operators write first: values as text, modules of Python, functions of functions, lists of lists."""

import collections
import json
import math
import os
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
    g = os.environ.get("X")
#       ^ NS206 A run has no environment and no files: give the flow a parameter


@flow
def methods(xs: list[str], s: str, maybe: str | None, several: list[str] | None):
    ys: list[str] = []
    inner: dict[str, dict[str, int]] = {"a": {}}
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
    g = s.replace("a", "b", 1)
#       ^ NS207 Write s.replace("a", "b"), which replaces all; for the first alone,
    h = sum(xs)
#       ^ NS207 Write "".join(xs)
    i = len(xs).bit_length()
#       ^ NS206 Int has no methods here: write str(x) or an f-string for text
    ys[0] = "a"
#   ^ NS102 Items of lists do not change: write ys = ys[:0] + [x] + ys[1:]
    ys[-1] = "a"
#   ^ NS102 Items of lists do not change: write ys = ys[:-1] + [x]
    inner["a"]["b"] = 1
#   ^ NS102 What is inside of others does not change: make inner = {k: inner['a'][k] for k
    j = len(xs) << 2
#       ^ NS202 There are + - * / // % and **, and for tests `and`, `or` and `not`
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
#       ^ NS401 A variable holds no function: define one with def f(x): ..., and call that


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


@flow
def changed_after_it_is_kept(n: int):
    rows: list[list[int]] = []
    row: list[int] = []
    for m in range(n):
        row.append(m)
#       ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
        rows.append(row)
    other: list[int] = []
    for m in range(n):
        if m == 1:
            other = [m]
        other.append(m)
#       ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
        rows.append(other)
    again: list[int] = []
    for m in range(n):
        again.append(m)
#       ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
        for k in range(n):
            again = [k]
            again.append(m)
#           ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
            rows.append(again)
    first: list[int] = []
    second = first
    first.append(n)
#   ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over

    def inner():
        return third

    third: list[int] = []
    third.append(n)
#   ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
    rows.append(inner())
    d: dict[str, Any] = {}
    d["itself"] = d
#   ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
    while len(rows) < n or take(d):
        d["again"] = n
#       ^ NS206 Make it here, keep it under this name only, and leave it alone in a loop over
    return [rows, second]


def take(d: dict[str, Any]) -> list[str]:
    return list(d)
