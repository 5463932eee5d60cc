"""Expressions and types outside the language."""

from typing import Any, TypedDict

import fake

from nightshift import NoMatch, flow, parallel

HANDLE = object()
PAIRS = [("web", 1)]


@flow
def not_in_the_language(n: int, xs: list[int]):
    a = {1, 2}
#       ^ NS201 Write a list
    b = [x for x in xs for y in xs]
#       ^ NS201 Write a for statement that adds them
    d = (e := 5)
#        ^ NS201 Assign in a statement of its own
    f = lambda: 1
#       ^ NS201 only as a branch of parallel
    g = [*xs, 1]
#        ^ NS201 Write the items out, or add lists with +
    h = {x for x in xs}
#       ^ NS201 Write a list comprehension
    i = b"bytes"
#       ^ NS208 Write a str, a number, True or None
    j = HANDLE
#       ^ NS208 A flow can use str, int, float, bool, None, lists and dicts
    k = {n: 1}
#        ^ NS208 Write the keys as strings
    m = n & 1
#       ^ NS202 There are + - * / // % and **


@flow
def types(n: int, s: str, xs: list[int], maybe: int | None, d: dict[str, int], anything: Any):
    a = n + s
#       ^ NS202 str(x) and f-strings make text
    b = maybe + 1
#       ^ NS202 Test for None first
    c = n == s
#       ^ NS202 convert one
    e = n is n
#       ^ NS202 Write == or !=
    f = xs["a"]
#       ^ NS202 Lists take an int, dicts a str
    g = d[1]
#       ^ NS202 Dicts take a str as key
    h = -s
#       ^ NS202 Only numbers have a sign
    i = s in n
#       ^ NS202 Both sides need the same type
    j = 1 / 0
#       ^ NS202 Divide by something else
    k = 1 if n else "one"
#       ^ NS202 Both ways of a conditional expression need one type
    l = "%d" % n
#       ^ NS202 Write an f-string
    o = anything + 1
#       ^ NS203 annotated assignment
    if anything:
#      ^ NS203 annotated assignment
        pass
    p = len(anything)
#       ^ NS203 len() takes
    for q in n:
#            ^ NS202 Loops go over lists
        pass
    r = {x: 1 for x in xs}
#        ^ NS202 Keys are str; write str(x)
    t = s < n
#       ^ NS202 Both sides need the same type


@flow
def fields():
    done = fake.act(name="a")
    a = done.chnaged
#       ^ NS204 Did you mean 'changed'?
    g = done.size
#       ^ NS204 Its fields are part, account, region, matched, changed
    b = done["changed"]
#       ^ NS202 Read its fields as attributes
    found = fake.find(ids=[])
    c = found.first.upper()
#       ^ NS202 Test for None first
    s = "text"
    d = s.field
#       ^ NS204 Only results of parts have fields
    e = fake.machines(count=1).largest.id
#       ^ NS202 Test for None first
    f = fake.echo(value=1).value.name
#       ^ NS203 Read it by key


@flow
def variables(n: int):
    n = "text"
#   ^ NS205 Use another name, or annotate the first assignment
    s: int = "text"
#            ^ NS205 Correct the annotation or the value
    xs = [1]
    xs = ["a"]
#   ^ NS205 Use another name


class Row(TypedDict):
    name: str
    size: int


@flow
def typed_dicts(rows: list[Row] = [{"name": "a"}]):
#               ^ NS308 Correct the annotation or the default
    a: Row = {"name": "a"}
#            ^ NS205 Add "size"
    b: Row = {"nmae": "a", "size": 1}
#             ^ NS204 Did you mean 'name'?
    c: list[Row] = [{"name": "a", "size": "1"}]
#                                         ^ NS205 Correct the value
    return [a, b, c]


@flow
def returns_something_else(n: int) -> str:
    if n:
        return n
#              ^ NS205 Correct the annotation or the value
    return "a"


@flow
def functions(s: str, xs: list[int], d: dict[str, int]):
    print(s)
#   ^ NS206 There are abs, all, any
    a = s.title()
#       ^ NS206 str has join, split
    xs.append(1)
#   ^ NS206 keep it under this name only
    d.update({})
#   ^ NS206 dict has get
    b = pow(2, 3)
#       ^ NS206 There are abs, all, any
    c = open("file")
#       ^ NS206 There are abs, all, any
    e = len(1)
#       ^ NS207 len() takes str, lists and dicts
    f = sum("text")
#       ^ NS207 sum() takes a list of numbers
    g = s.replace("", "x")
#       ^ NS207 Give the text to be replaced
    h = s.split("")
#       ^ NS207 Give the separator
    i = sorted(xs, key=len)
#                      ^ NS207 len() takes str
    j = ", ".join(xs)
#       ^ NS207 write [str(x) for x in xs]
    k = len(xs, xs)
#       ^ NS207 len() takes 1
    for n in range(1, 5, 0):
#            ^ NS207 Write a literal step
        pass
    o = s.startswith(5)
#       ^ NS207 It takes text
    p = sorted(xs, reverse=s)
#                          ^ NS207 Write reverse=True
    q = int(xs)
#       ^ NS207 int() takes str, numbers and bool
    r = d.get("a", "text")
#       ^ NS207 The default has to be an int


@flow
def texts(x: float, xs: list[int], s: str, n: int, anything: Any):
    a = f"{x}"
#          ^ NS209 Write f"{x:.2f}"
    b = f"{xs}"
#          ^ NS209 Write ", ".join([f"{x}" for x in xs])
    c = f"{s!r}"
#          ^ NS209 Write the value without it
    d = f"{n:x}"
#          ^ NS209 There are :<20
    e = str(x)
#       ^ NS209 Write f"{x:.2f}"
    f = f"{anything}"
#          ^ NS209 annotated assignment
    g = f"{n=}"
#          ^ NS209 Write f"n={n}"
    h = n / 2.5 // 1
#       ^ NS202 Write int(a / b)
    i = (n == 1) == n
#       ^ NS202 Write int(...) of the bool
    j = anything in [1, 2]
#       ^ NS202 annotated assignment
    k = s[1:2:3]
#             ^ NS201 filter in a comprehension


@flow
def annotations(a: object):
#                  ^ NS210 Types are str, int, float, bool
    c: set[int] = [1]
#      ^ NS210 Types are str, int, float, bool
    d: Unknown = 1
#      ^ NS210 Types are str, int, float, bool
    return [a]


PAIR = (1, 2)


@flow
def a_tuple_that_is_no_list(xs: list[int]):
    return xs == (1, 2)
#          ^ NS202 Write both as lists


@flow
def a_constant_tuple_that_is_no_list(xs: list[int]):
    return PAIR != xs
#          ^ NS202 Write both as lists


@flow
def a_tuple_with_a_name(xs: list[int]):
    pair = (1, len(xs))
    return xs == pair
#          ^ NS202 Write both as lists


@flow
def a_tuple_inside(count: int):
    return {"a": (1, count)} == {"a": [1, 1]}
#          ^ NS202 Write both as lists


@flow
def tuples_that_a_loop_gives(names: list[str]):
    rows: list[tuple[str, int]] = []
    rows.append(("a", 1))
    for at, pair in enumerate(PAIRS):
        if at == 0 and pair == ["web", 1]:
#                      ^ NS202 Write both as lists
            return pair[0] == "web"
    return [row == ["a", 1] for row in rows]
#           ^ NS202 Write both as lists


@flow
def tuples_in_a_list(sizes: dict[str, int]):
    pairs = [("a", 1)]
    if pairs == [["a", 1]]:
#      ^ NS202 Write both as lists
        return sorted(sizes.items(), key=lambda pair: pair[1])[0] == ["a", 1]
#              ^ NS202 Write both as lists
    return list(sizes.items()) == [["a", 1]]
#          ^ NS202 Write both as lists


def pair() -> tuple[str, int]:
    return ("a", 1)


def pairs():
    return [("a", 1)]


@flow
def tuples_from_functions():
    found = pair()
    if found == ["a", 1]:
#      ^ NS202 Write both as lists
        return pairs() == [["a", 1]]
#              ^ NS202 Write both as lists
    return parallel(pair, pair) == [["a", 1], ["a", 1]]
#          ^ NS202 Write both as lists


@flow
def a_list_and_a_tuple():
    return [1] + (2,)
#          ^ NS202 Write both as lists


@flow
def what_to_write_instead(s: str, anything: Any, names: list[str]):
    a = s.split("=", len(names))
#       ^ NS207 Write s.split("=", 1)
    b = s.strip(s)
#               ^ NS207 s.strip("/")
    c = s.split(None, 1)
#       ^ NS207 " ".join(s.split()[1:])
    c = s.ljust(20)
#       ^ NS206 f"{s:<20}"
    c = f"{s:>{len(s)}}"
#          ^ NS209 :>8
    c = s.partition("=") == ["a", "=", "b"]
#       ^ NS202 Write both as lists
    d = s.format(1)
#       ^ NS206 Write f"{name}: {n}"
    e = anything[0]
#       ^ NS202 `items: list[Any] = ...`
    f = max(names)
#       ^ NS207 sorted(xs)[-1]
    g = NoMatch("x")
#       ^ NS206 raise NoMatch("...")
