"""Functions of the same file, written in place where they are called."""

import fake
from expect import case

from nightshift import Failed, NoMatch, flow


def double(n: int) -> int:
    return n * 2


def label(name: str, *, kind: str = "disk", n: int = 1) -> str:
    return f"{kind} {name} x{n}"


def quadruple(n: int) -> int:
    return double(double(n))


def is_large(n: int) -> bool:
    return n > 10 or n < -10


def first_even(ns: list[int]) -> int | None:
    for n in ns:
        if n % 2 == 0:
            return n
    return None


def careful(name: str, error: str | None = None) -> str:
    try:
        fake.act(name=name, fails=error)
        return "fine"
    except NoMatch:
        return "nothing"
    finally:
        fake.act(name=f"tidy {name}")


def sign(n: int) -> str:
    if n < 0:
        return "negative"
    if n == 0:
        return "zero"
    return "positive"


def act_twice(name: str) -> int:
    first = fake.act(name=f"{name} 1")
    second = fake.act(name=f"{name} 2")
    return first.length + second.length


def check(n: int) -> None:
    if n > 5:
        raise Failed(f"{n} is too much")


def counted(n: int) -> int:
    total = 0
    while total < n:
        total += 1
    return total


def nothing() -> None:
    pass


def changes_its_parameter(n: int) -> int:
    n = n + 1
    n = n * 10
    return n


def calls_helpers(n: int) -> str:
    check(n)
    return f"{sign(n)} {double(n)}"


@case(result=[6, 12, True, False])
@flow
def pure(n: int = 3) -> list[int | bool]:
    return [double(n), quadruple(n), is_large(n * 4), is_large(n)]


@case(result=["disk a x1", "disk a x2", "vm b x1", "vm 6 x3"])
@flow
def keywords_and_defaults(n: int = 3) -> list[str]:
    return [label("a"), label("a", n=2), label(name="b", kind="vm"), label(f"{double(n)}", kind="vm", n=n)]


@case(result=[[2, 4], [4], True])
@flow
def pure_in_comprehensions(ns: list[int] = [1, 2]) -> list[object]:
    return [[double(n) for n in ns], [n * 4 for n in ns if double(n) == 2], any(is_large(n * 9) for n in ns)]


@case(result=["negative", "zero", "positive"])
@flow
def early_returns() -> list[str]:
    """Each call returns from itself, not from the flow."""
    a = sign(-1)
    b = sign(0)
    c = sign(5)
    return [a, b, c]


@case(result=[2, None, 4])
@flow
def early_return_from_a_loop() -> list[int | None]:
    return [first_even([1, 2, 4]), first_even([1, 3]), first_even([4])]


@case(result=["1 negative", "2 zero"], calls=[])
@flow
def helper_in_a_loop() -> list[str]:
    said: list[str] = []
    for n in [-1, 0, 1]:
        found = sign(n)
        if found == "positive":
            break
        said = said + [f"{n + 2} {found}"]
    return said


@case(result=["fine", "nothing"], calls=["act a", "act tidy a", "act b", "act tidy b"])
@flow
def return_through_a_finally_of_the_helper() -> list[str]:
    one = careful("a")
    two = careful("b", "NoMatch")
    return [one, two]


@case(fails="PartFailed: c failed", calls=["act c", "act tidy c"])
@flow
def error_through_a_helper() -> str:
    return careful("c", error="PartFailed")


@case(result="caught PartFailed", calls=["act c", "act tidy c"])
@flow
def error_of_a_helper_caught_by_the_flow() -> str:
    from_helper = "none"
    try:
        from_helper = careful("c", error="PartFailed")
    except Exception as e:
        return "caught " + e.error
    return from_helper


@case(result=["fine", "tidied"], calls=["act a", "act tidy a", "act outer"])
@flow
def helper_with_return_inside_a_try_of_the_flow() -> list[str]:
    """The return of the helper does not run the finally of the flow."""
    said = ""
    try:
        said = careful("a")
        tidied = "tidied"
    finally:
        fake.act(name="outer")
    return [said, tidied]


@case(result=12, calls=["act x 1", "act x 2", "act y 1", "act y 2"])
@flow
def parts_in_a_helper() -> int:
    """The same helper twice: its calls have steps of their own each time."""
    return act_twice("x") + act_twice("y")


@case(result=6, calls=["act x 1", "act x 2"])
@flow
def helper_called_for_its_effect() -> int:
    act_twice("x")
    nothing()
    return act_twice_length("x")


def act_twice_length(name: str) -> int:
    return len(name) * 2 + 4


@case(fails="Failed: 7 is too much", given={"n": 7})
@case(result="positive 6", given={"n": 3})
@flow
def helpers_calling_helpers(n: int) -> str:
    return calls_helpers(n)


@case(result=[20, 1])
@flow
def a_helper_has_variables_of_its_own() -> list[int]:
    n = 1
    m = changes_its_parameter(n)
    return [m, n]


@case(result=[3, 0, 5])
@flow
def loops_in_helpers() -> list[int]:
    total = 5
    return [counted(3), counted(0), total]


@case(result=[4, 6], calls=["number value=2", "number value=3"])
@flow
def a_call_as_argument_of_a_helper() -> list[int]:
    return [double(fake.number(value=2).value), double(fake.number(value=3).value)]


@case(result=["x-a", "x-b"], calls=["act x-a", "act x-b"])
@flow
def nested_function_called_directly(prefix: str = "x") -> list[str]:
    def act(name: str) -> str:
        full = f"{prefix}-{name}"
        return fake.act(name=full).name

    return [act("a"), act("b")]


@case(result="positive", calls=["act a"])
@flow
def helper_in_a_condition() -> str:
    if sign(len(fake.act(name="a").name)) == "positive":
        return sign(1)
    return "never"


@case(result=[True, 3], calls=[])
@flow
def helper_in_a_while() -> list[bool | int]:
    n = 0
    while not is_large(n * 4):
        n += 1
    return [True, n]


@case(result=[8, 1], calls=["act x 1", "act x 2", "act y 1", "act y 2", "act y 1", "act y 2"])
@flow
def helper_with_statements_in_a_while_test() -> list[int]:
    n = 0
    total = act_twice("x")
    while act_twice("y") + n < 7:
        n += 1
    return [total + 2, n]


@case(result=[10, 20, 7])
@flow
def function_defined_in_a_loop() -> list[int]:
    seen: list[int] = []
    for n in [1, 2]:

        def scaled() -> int:
            return n * 10

        seen = seen + [scaled()]

    def late() -> int:
        return n

    n = 7
    return seen + [late()]
