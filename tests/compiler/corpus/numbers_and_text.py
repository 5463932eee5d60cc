"""Where JSONata 2.0.6 (Step Functions) is not Python: long numbers, bools and numbers, dividing text."""

from typing import Any

from expect import case

from nightshift import flow


@case(["1764155777123456", "1764155777123456", "-1764155777123456", "0", "3"])
@flow
def long_numbers_as_text(n: int = 1764155777123456) -> list[str]:
    """$string writes 15 digits."""
    return [str(n), f"{n}", str(-n), str(n - n), str(n % 7)]


@case([55, 42, -55, "0", 6, -1], given={"n": 12})
@case([42, 55, -42, "0", 1, -6], given={"n": -12})
@flow
def what_a_division_leaves(n: int) -> list[object]:
    """It has the sign of the divisor, and is exact for a whole number of any size."""
    large = int(round(n * 1e15))
    return [large % 97, -large % 97, -large % -97, str(n * 97 % 97), n * 4 % 7, n * 4 % -7]


@case([True, False, True, False, True, True], given={"v": True})
@case([False, True, True, True, False, True], given={"v": False})
@case([True, False, True, False, True, True], given={"v": 1})
@case([False, True, True, True, False, True], given={"v": 0})
@case([False, True, False, False, False, True], given={"v": "1"})
@case([False, True, False, False, False, True], given={"v": [1]})
@flow
def anything_compared_with_numbers_and_bools(v: Any) -> list[bool]:
    """True is 1 and False is 0."""
    return [v == 1, v != 1, v == True or v == False, v == 0, 1 == v, v == v]  # noqa: E712


@case([True, True, True], given={"v": True, "w": 1})
@case([True, True, True], given={"v": 1, "w": True})
@case([False, False, False], given={"v": 0, "w": True})
@case([False, False, False], given={"v": 2, "w": "a"})
@flow
def a_union_compared(v: int | bool, w: Any) -> list[bool]:
    return [v == 1, v == w, w == v]


@case([True, True, False, True])
@flow
def members(x: str = "a", y: int = 2) -> list[bool]:
    return [x in ["a", "b"], y in [1.0, 2.0], y in [1, 3], True in [y > 1, False]]


@case(1500.0, given={"s": "1.5e3"})
@case(-2.5, given={"s": "-2.5"})
@case(fails="States.QueryEvaluationError", cpython="ValueError", given={"s": "0x1F"})
@case(fails="States.QueryEvaluationError", cpython_result=5, given={"s": " 5"})
@flow
def float_of_text(s: str) -> float:
    """The machine takes a decimal number, after a minus at most."""
    return float(s)


@case([["a", "b"], "a$0-b"], given={"s": "a,b", "by": ","})
@case([["a,b"], "a,b"], given={"s": "a,b", "by": ";"})
@case([[""], ""], given={"s": "", "by": ","})
@case(fails="States.QueryEvaluationError", cpython="ValueError", given={"s": "ab", "by": ""})
@flow
def text_divided_by_a_variable(s: str, by: str) -> list[object]:
    return [s.split(by), s.replace(by, "$0-")]
