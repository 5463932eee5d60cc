"""Defaults of functions: evaluated once, where the function is defined. Arguments: once each, used or not."""

import fake
from expect import case

from nightshift import flow, for_each, parallel

region = "eu-west-1"
LIMIT = 5


def where(text: str, at: str = region) -> str:
    return f"{text}@{at}"


def limit(n: int = LIMIT, *, most: int = LIMIT * 2) -> int:
    return n + most


def several(n: int = LIMIT) -> int:
    if n > LIMIT:
        return 0
    return n


def first(a: int, b: int) -> int:
    return a


def twice(a: int) -> int:
    return a + a


def twice_text(s: str) -> str:
    return s + s


@case(["a@eu-west-1", "a@us-east-1"])
@flow
def a_parameter_of_the_same_name(region: str = "us-east-1") -> list[str]:
    return [where("a"), where("a", region)]


@case([15, 14, 5, 0, 9])
@flow
def a_variable_of_the_same_name() -> list[int]:
    LIMIT = 9  # noqa: N806
    return [limit(), limit(4), several(), several(LIMIT), LIMIT]


@case([1, 7, 2])
@flow
def of_a_nested_function() -> list[int]:
    count = 1

    def f(n: int = count) -> int:
        return n

    count += 1
    return [f(), f(7), count]


@case(["eu", "us", "eu!"], calls=["act eu", "act us", "act eu", "act eu"])
@flow
def of_a_nested_function_with_statements() -> list[str]:
    """A call in a default is made at the definition, and not again."""

    def act(name: str = fake.act(name="eu").name) -> str:
        fake.act(name=name)
        return name

    done = [act()] if False else []
    us = "us"
    two = act(us)
    one = act()
    return done + [one, two, act() + "!"]


@case([[0, 0], [1, 10], [2, 20]], calls=[])
@flow
def of_a_function_defined_in_a_loop() -> list[list[int]]:
    seen: list[list[int]] = []
    for n in range(3):

        def both(a: int = n, b: int = n * 10) -> list[int]:
            return [a, b]

        seen = seen + [both()]
    return seen


@case([[1, 1], [2, 2]])
@flow
def read_in_branches() -> list[list[int]]:
    count = 1

    def of(n: int = count) -> int:
        return n

    count = 2

    def branch() -> int:
        return of()

    return [parallel(branch, lambda: of()), for_each([0, 0], lambda x: of() + count - 1)]


@case([1, 1])
@flow
def read_in_executions_of_their_own() -> list[int]:
    count = 1

    def of(n: int = count) -> int:
        return n

    count = 2
    return for_each([0, 0], lambda x: of() + x, at_most=50)


@case([1, 1], given={"redefine": False})
@case([2, 1], given={"redefine": True})
@flow
def of_a_function_defined_again(redefine: bool) -> list[int]:
    n = 1

    def f(a: int = n) -> int:
        return a

    old = f()
    given = 1
    if redefine:
        n = 2

        def g(a: int = n) -> int:
            return a

        given = g()
    return [given, old]


@case(fails="States.QueryEvaluationError", cpython="IndexError", given={"xs": [1]})
@case(1, given={"xs": [1, 2]})
@flow
def an_argument_that_is_not_used(xs: list[int]) -> int:
    return first(1, xs[1])


@case(fails="States.QueryEvaluationError", cpython="IndexError", given={"xs": [1]})
@case(1, given={"xs": [1, 2]})
@flow
def a_default_that_is_not_used(xs: list[int]) -> int:
    def f(n: int = xs[1]) -> int:
        return n

    return f(1) if xs[0] == 1 else f()


@case([6, "abab", [2, 4], 4, 16], calls=["number value=3"])
@flow
def arguments_are_evaluated_once(xs: list[int] = [1, 2]) -> list[object]:
    return [
        twice(fake.number(value=3).value),
        twice_text(f"{xs[0]}".replace("1", "ab")),
        [twice(x) for x in xs],
        twice(twice(xs[0])),
        twice(twice(twice(xs[1]))),
    ]


def acted(name: str, times: int = 2) -> str:
    return fake.act(name=name + "!").name * 1 if False else fake.act(name=name + "?").name


@case(["a1?", "b?"], calls=["act a1?", "act b?"])
@flow
def arguments_of_a_helper_that_calls(n: int = 1) -> list[str]:
    return [acted(f"a{n}"), acted("b")]


@case([[6, 7], [6], 5])
@flow
def what_a_function_sees_of_comprehensions() -> list[object]:
    """Not their variables: a name in it is the one around its definition."""
    x = 5

    def plus(n: int) -> int:
        return n + x

    return [[plus(x) for x in [1, 2]], [(lambda: x + 5)() for x in [1]], x]


@case([[3, 4], [3, 4]], calls=["act a1", "act a1"])
@flow
def functions_that_read_around_them_in_branches() -> list[list[int]]:
    base = 2
    name = "a"

    def plus(n: int) -> int:
        return n + base

    def acting(n: int) -> int:
        if n == 1:
            fake.act(name=f"{name}{n}")
        return plus(n)

    return [for_each([1, 2], lambda n: acting(n), at_most=50), for_each([1, 2], acting)]


def labelled(name: str, tags: dict[str, str] = {}, notes: list[str] | None = []) -> str:
    for key, value in tags.items():
        name += f" {key}={value}"
    for note in notes or []:
        name += f" {note}"
    return name


@case(["a", "b Tier=web", "c x"])
@flow
def empty_defaults() -> list[str]:
    return [labelled("a"), labelled("b", {"Tier": "web"}), labelled("c", notes=["x"])]
