"""Numbers, comparisons, boolean logic, None."""

import fake
from expect import case

from nightshift import flow

LIMIT = 3
RATIO = 0.5
NAMES = ["alpha", "beta"]
SIZES = {"small": 1, "large": 9}


@case(result=None)
@flow
def nothing() -> None:
    """A flow without statements returns None."""


@case(result=None, calls=["act a"])
@flow
def call_only():
    fake.act(name="a")


@case(result=17)
@flow
def arithmetic(n: int = 5) -> int:
    return n * 3 + 2 * (n - 4)


@case(result=[3, -4, 1, 2, -1, -2, 0])
@flow
def floor_division_and_modulo(n: int = 7) -> list[int]:
    """Python rounds down and the remainder takes the sign of the divisor."""
    return [n // 2, -n // 2, n % 2, -n % 3, n % -2, -n % -5, n % 7]


@case(result=3.5)
@flow
def true_division(n: int = 7) -> float:
    return n / 2


@case(result=[1, 32, 0.25, 81])
@flow
def powers(n: int = 2) -> list[float]:
    return [n**0, n**5, n**-2, (n + 1) ** (n * 2)]


@case(result=[-3, 3, -1, 10, 4])
@flow
def precedence(n: int = 3) -> list[int]:
    """A minus of a difference, a difference of a difference, and products of sums keep their brackets."""
    return [-n, -(-n), 5 - (n + 3), 2 * (n + 2), 12 - (10 - n) - 1]


@case(result=0.75)
@flow
def floats(x: float = 0.25) -> float:
    return x + RATIO


@case(result=[True, False, True, True, False, True])
@flow
def comparisons(n: int = 3) -> list[bool]:
    return [n == LIMIT, n != LIMIT, n >= 3, n <= 3, n < 3, n > 2]


@case(result=[True, False, False, True])
@flow
def chained_comparisons(n: int = 3) -> list[bool]:
    return [1 < n <= LIMIT, 1 < n < LIMIT, n == 3 == 4, 0 < 1 < n < 10]


@case(result=[True, False, True, False])
@flow
def text_comparisons(s: str = "beta") -> list[bool]:
    return [s > "alpha", s < "alpha", s == NAMES[1], s != "beta"]


@case(result=[True, False, True, False, True, False])
@flow
def membership(s: str = "beta") -> list[bool]:
    """In a list, a text and a dict."""
    return [s in NAMES, s not in NAMES, "et" in s, "x" in s, "small" in SIZES, s in SIZES]


@case(result=[True, True, False, False], given={"a": True, "b": False})
@case(result=[False, True, False, True], given={"a": False, "b": True})
@flow
def boolean_logic(a: bool, b: bool) -> list[bool]:
    return [a or (b and a), a or b, a and b, not a]


@case(result=["first", "fallback", 0, 5])
@flow
def value_of_and_or(name: str = "first", empty: str = "", zero: int = 0) -> list[str | int]:
    """`and` and `or` give the operand that decides."""
    return [name or "fallback", empty or "fallback", zero and 5, (zero or 5)]


@case(result=["none", 4], given={"limit": None})
@case(result=["some 3", 3], given={"limit": 3})
@flow
def optional_values(limit: int | None = None) -> list[str | int]:
    said = "none" if limit is None else f"some {limit}"
    return [said, 4 if limit is None else limit]


@case(result=[False, True], given={"limit": None})
@case(result=[False, False], given={"limit": 0})
@case(result=[True, False], given={"limit": 2})
@flow
def truth_of_an_optional(limit: int | None) -> list[bool]:
    """None and 0 are both false, and only None is None."""
    return [bool(limit), limit is None]


@case(result=[False, True, False, True, False, True, False, True])
@flow
def truth_of_values() -> list[bool]:
    """What Python takes for false: empty text, lists and dicts, and 0; a list of 0 is true."""
    empty: list[int] = []
    zeros = [0]
    nothing: dict[str, int] = {}
    return [bool(""), bool("x"), bool(empty), bool(zeros), bool(nothing), bool(SIZES), bool(0), bool(-1)]


@case(result=["yes", "no", "no", "yes"])
@flow
def conditional_expressions(n: int = 3) -> list[str]:
    return [
        "yes" if n == 3 else "no",
        "yes" if n > 3 else "no",
        ("yes" if n > 5 else "no") if n else "never",
        "yes" if [0] else "no",
    ]


@case(result=[2, 7, 2.5, 9, 3, 6, 0, 4])
@flow
def number_functions(xs: list[int] = [4, 2, 3]) -> list[float]:
    return [
        min(xs),
        max(7, xs[0]),
        min(2.5, xs[2]),
        sum(xs),
        len(xs),
        max(x * 2 for x in xs if x < 4),
        sum([]),
        abs(-4),
    ]


@case(result=[3, -3, 12, -7, 1, 0, 5])
@flow
def to_int(x: float = 3.9, s: str = "12", yes: bool = True) -> list[int]:
    """int() cuts towards zero."""
    return [int(x), int(-x), int(s), int("-7"), int(yes), int(not yes), int(5)]


@case(result=[2.5, 3, 7])
@flow
def to_float(s: str = "2.5", n: int = 3) -> list[float]:
    return [float(s), float(n), float("7")]


@case(result=[11, 8, 24, 4, 2, 1])
@flow
def augmented_assignment(n: int = 8) -> list[int]:
    a = n
    a += 3
    b = a
    b -= 3
    c = b
    c *= 3
    d = c
    d //= 6
    e = n
    e %= 3
    e **= 1
    f = 1
    f += 0
    return [a, b, c, d, e, f]


@case(result=[2, 1, 3], unable={"ministack": "it makes the assignments of a state one after another"})
@flow
def assignments_see_the_old_values(a: int = 1, b: int = 2) -> list[int]:
    """A swap, and a sum of both, each of which reads what was there before."""
    a, b = b, a
    total = a + b
    return [a, b, total]


@case(result=8)
@flow
def assignments_in_a_row(n: int = 1) -> int:
    """Each reads what the one before assigned: they cannot be one state."""
    n = n + 1
    n = n * 2
    m = n
    n = n + m
    return n


@case(result=[1, 1])
@flow
def several_targets() -> list[int]:
    a = b = 1
    return [a, b]


@case(
    result=[9007199254740991, -1000000, 0.1, 1e-07],
    unable={"moto": "its grammar knows no exponent that begins with 0"},
)
@flow
def extreme_numbers() -> list[float]:
    return [9007199254740991, -1_000_000, 0.1, 1e-7]


@case(result=[[1, "a", None], {"k": [True]}])
@flow
def constants_of_any_shape() -> list[list[int | str | None] | dict[str, list[bool]]]:
    return [[1, "a", None], {"k": [True]}]


@case(result=[10, True, False], calls=["number value=10"])
@flow
def numbers_of_a_part() -> list[int | bool]:
    n = fake.number(value=10)
    return [n.value, n.even, n.half > 5]


@case(result=30, calls=["number value=10", "number value=20"])
@flow
def calls_inside_an_expression() -> int:
    """Both calls stand in one expression and are made from left to right."""
    return fake.number(value=10).value + fake.number(value=20).value


@case(result=11, calls=["number value=5", "number value=10"])
@flow
def a_call_as_argument_of_a_call() -> int:
    return fake.number(value=fake.number(value=5).value * 2).value + 1


@case(result=None)
@flow
def explicit_none() -> None:
    return None


@case(result=None)
@flow
def return_without_value() -> None:
    return


@case(result={"n": None, "deep": [None, {"x": None}]}, calls=['echo value={"n": null}'])
@flow
def nulls_travel() -> dict[str, object]:
    sent = fake.echo(value={"n": None})
    assert_none: str | None = None
    return {"n": assert_none, "deep": [None, {"x": sent.value["n"]}]}


@case(result=[True, False], calls=["number value=1", "number value=2"])
@flow
def comparison_of_calls() -> list[bool]:
    less = 0 < fake.number(value=1).value
    return [less, fake.number(value=2).value < 2 < 3]
