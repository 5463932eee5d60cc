"""Where the state machine differs from CPython; docs/language.md lists these under "Differences"."""

import fake
from expect import case

from nightshift import Failed, flow

UNCAUGHT = "States.QueryEvaluationError"


@case(fails=UNCAUGHT, cpython="IndexError", calls=["act a"])
@flow
def index_out_of_range(xs: list[int] = [1]) -> int:
    fake.act(name="a")
    return xs[len(xs)]


@case(fails=UNCAUGHT, cpython="KeyError")
@flow
def missing_key(name: str = "x") -> int:
    sizes = {"a": 1}
    return sizes[name]


@case(fails=UNCAUGHT, cpython="ZeroDivisionError", given={"n": 0})
@case(result=[3, 3.5, 1], given={"n": 2})
@flow
def division_by_zero(n: int) -> list[float]:
    return [7 // n, 7 / n, 7 % n]


@case(fails=UNCAUGHT, cpython="ZeroDivisionError")
@flow
def remainder_by_zero(n: int = 0) -> int:
    return 5 % n


@case(fails=UNCAUGHT, cpython="ValueError", given={"s": "five"})
@case(fails=UNCAUGHT, cpython_result=5, given={"s": " 5"})
@case(fails=UNCAUGHT, cpython_result=5, given={"s": "+5"})
@case(result=-5, given={"s": "-5"})
@flow
def int_of_text(s: str) -> int:
    """The machine takes digits, after a minus at most."""
    return int(s)


@case(fails=UNCAUGHT, cpython="ValueError")
@flow
def expression_errors_pass_the_clauses_for_nightshifts() -> str:
    text = "five"
    try:
        n = int(text)
    except Failed:
        return "caught"
    return f"{n}"


@case(result=[[1, 2], [1, 2, 3]], cpython_result=[[1, 2, 3], [1, 2, 3]])
@flow
def lists_are_values() -> list[list[int]]:
    """CPython adds to the one list that both names stand for."""
    xs = [1, 2]
    ys = xs
    ys += [3]
    return [xs, ys]


@case(
    result=["2.68", "0.12"],
    cpython_result=["2.67", "0.12"],
    unable={"moto": "jsonata-python rounds the binary number", "ministack": "jsonata-python rounds the binary number"},
)
@flow
def rounding_of_text(x: float = 2.675, y: float = 0.125) -> list[str]:
    """The decimal digits are rounded, half to even; CPython rounds the binary number behind them."""
    return [f"{x:.2f}", f"{y:.2f}"]
