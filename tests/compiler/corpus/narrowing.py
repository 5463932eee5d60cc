"""What a test for None tells: in helpers, branches and comprehensions, and where it is decided while compiling."""

import fake
from expect import case

from nightshift import flow, for_each, parallel

LIMIT = None


def bump(x: int | None) -> int:
    if x is None:
        return 0
    return x + 1


def bump_at_once(x: int | None) -> int:
    return 0 if x is None else x + 1


@case(result=[0, 5, 0, 5, 0, 4, 0])
@flow
def parameters_of_helpers(o: int | None = None, p: int | None = 4) -> list[int]:
    return [bump(o), bump(p), bump_at_once(o), bump_at_once(p), bump(None), bump_at_once(3), bump_at_once(None)]


@case(result=[[2], [None], 1], unable={"ministack": "it reads a null inside a list as nothing"})
@flow
def items_of_comprehensions(xs: list[int | None] = [1, None]) -> list[object]:
    more: list[int] = [x + 1 for x in xs if x is not None]
    return [more, [x for x in xs if x is None], sum(x for x in xs if x)]


@case(result=[[5, 9], [5, 9], [4]], given={"o": 4})
@case(result=[[1, 9], [1, 9], [0]], given={"o": None})
@flow
def variables_read_in_branches(o: int | None) -> list[object]:
    def add(n: int) -> int:
        if o is not None and o > n:
            return o + n
        return n

    return [for_each([1, 9], add), for_each([1, 9], add, at_most=50), parallel(lambda: 0 if o is None else o)]


@case(result=["a!", ["A"]], calls=['find ids=["a"]'])
@flow
def tested_before_the_branch() -> object:
    first = fake.find(ids=["a"]).first
    if first is None:
        return "none"

    def loud() -> str:
        return first + "!"

    return [loud(), parallel(lambda: first.upper())]


@case(result="few")
@flow
def a_constant_that_is_none(xs: list[int] = [1, 2]) -> str:
    """What can never be evaluated is left out."""
    if LIMIT is not None and len(xs) > LIMIT:
        return "many"
    return "few"


@case(result=[3, 5, False, None])
@flow
def a_variable_that_is_none() -> list[object]:
    o = None
    a = o or 3
    b = 5 if o is None else o + 1
    c = o is not None and o > 3
    while o is not None:
        o = None
    return [a, b, c, o]


@case(result=10)
@flow
def assigned_after_the_test(n: int = 3) -> int:
    o: int | None = n
    if o is not None:
        o = None
    x = o
    if x is not None:
        return x + 1
    for i in range(2):
        if o is None:
            o = i
        else:
            o = o + 10
    return o or 0


@case(
    result=[True, True, False, 5],
    calls=["number value=2", "number value=3", "number value=4", "number value=5"],
)
@flow
def calls_in_and_and_or(flag: bool = True) -> list[object]:
    """The first operand is always evaluated, once."""
    a = fake.number(value=2).even and flag
    b = fake.number(value=3).even or flag
    c = not (fake.number(value=4).even and flag)
    d = fake.number(value=5).value or 7
    return [a, b, c, d]
