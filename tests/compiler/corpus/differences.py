"""Where the state machine differs from CPython; docs/language.md lists these under "Differences"."""

import sys

import fake
from expect import SAME, case

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


@case(fails=UNCAUGHT, cpython="TypeError", given={"n": "5"})
@case(fails=UNCAUGHT, cpython="TypeError", given={"n": None})
@case(fails=UNCAUGHT, cpython="TypeError", given={"n": True})
@case(fails=UNCAUGHT, cpython="TypeError", given={"n": 2.5})
@case(result=5, given={"n": 5}, calls=["act a"])
@flow
def started_with_another_type(n: int) -> int:
    """Nothing has been done when the run fails."""
    fake.act(name="a")
    return n


@case(fails=UNCAUGHT, cpython_result="σς", given={"s": "ΣΣ"})
@case(fails=UNCAUGHT, cpython_result="ß", given={"s": "ẞ"})
@case(result="straße ﬁ µ ς", given={"s": "Straße ﬁ µ ς"})
@flow
def small_letters_that_depend_on_the_implementation(s: str) -> str:
    return s.lower()


@case(result="0.0", cpython_result="-0.0")
@flow
def a_zero_has_no_sign(x: float = -0.0) -> str:
    return f"{x:.1f}"


@case(result=False, cpython_result=True if sys.version_info >= (3, 12) else SAME)
@flow
def sums_of_floats() -> bool:
    """Python 3.12 and later make up for what each addition rounds."""
    xs = [0.1 for _ in range(10)]
    return sum(xs) == 1.0
