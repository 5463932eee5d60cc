"""if, elif, else, and what holds after them."""

import fake
from expect import case

from nightshift import flow


@case(result="big", calls=["act big"], given={"n": 10})
@case(result="small", calls=[], given={"n": 1})
@flow
def if_without_else(n: int) -> str:
    if n > 5:
        fake.act(name="big")
        return "big"
    return "small"


@case(result="zero", calls=["act zero"], given={"n": 0})
@case(result="one", calls=["act one"], given={"n": 1})
@case(result="many", calls=["act many"], given={"n": 2})
@flow
def if_elif_else(n: int) -> str:
    if n == 0:
        name = "zero"
    elif n == 1:
        name = "one"
    else:
        name = "many"
    fake.act(name=name)
    return name


@case(result=[1, "a"], given={"a": True, "b": True})
@case(result=[1, "b"], given={"a": True, "b": False})
@case(result=[2, "b"], given={"a": False, "b": False})
@flow
def nested_ifs(a: bool, b: bool) -> list[int | str]:
    n = 2
    name = "b"
    if a:
        n = 1
        if b:
            name = "a"
    elif b:
        n = 3
    return [n, name]


@case(result=3, calls=["number value=4", "act after"])
@flow
def condition_with_a_call() -> int:
    if fake.number(value=4).even:
        n = 3
    else:
        n = 5
    fake.act(name="after")
    return n


@case(result="elif", calls=["number value=3", "number value=4"])
@flow
def conditions_with_calls_in_elif() -> str:
    """The call of the second condition is made only when the first was false."""
    if fake.number(value=3).even:
        return "if"
    elif fake.number(value=4).even:
        return "elif"
    else:
        return "else"


@case(result="if", calls=["number value=2"])
@flow
def condition_decided_early() -> str:
    if fake.number(value=2).even:
        return "if"
    elif fake.number(value=4).even:
        return "elif"
    return "else"


@case(result="pass")
@flow
def passing(n: int = 1) -> str:
    if n:
        pass
    else:
        return "else"
    return "pass"


@case(result=["short", 0], given={"names": []})
@case(result=["a", 1], given={"names": ["a"]})
@flow
def narrowing_by_length(names: list[str]) -> list[str | int]:
    if not names:
        return ["short", 0]
    return [names[0], len(names)]


@case(result=-1, given={"limit": None})
@case(result=4, given={"limit": 3})
@flow
def narrowing_of_a_parameter(limit: int | None = None) -> int:
    if limit is None:
        return -1
    return limit + 1


@case(result=[False, "none"], given={"limit": None})
@case(result=[True, "many"], given={"limit": 7})
@case(result=[False, "few"], given={"limit": 2})
@flow
def narrowing_in_boolean_logic(limit: int | None) -> list[bool | str]:
    many = limit is not None and limit > 5
    said = "none" if limit is None else "many" if limit > 5 else "few"
    return [many, said]


@case(result="both", calls=["act x"], given={"a": True, "b": True})
@case(result="neither", given={"a": False, "b": True})
@flow
def conditions_of_and_or_not(a: bool, b: bool) -> str:
    if (a and b) or not (a or b):
        fake.act(name="x")
        return "both"
    return "neither"


@case(result=5)
@flow
def constant_conditions() -> int:
    if True:
        n = 5
    else:
        n = 6
    if False:
        n = 7
    return n


@case(result=["a", "b", "c", "d"], given={"n": 15})
@case(result=["b", "d"], given={"n": 10})
@case(result=[], given={"n": 1})
@flow
def many_ifs_in_a_row(n: int) -> list[str]:
    found: list[str] = []
    if n % 3 == 0:
        found = found + ["a"]
    if n % 5 == 0:
        found = found + ["b"]
    if n > 10:
        found = found + ["c"]
    if n >= 10:
        found = found + ["d"]
    return found


@case(result="late", given={"n": 1}, calls=["act late"])
@case(result="early", given={"n": 0})
@flow
def return_in_every_branch(n: int) -> str:
    if n:
        fake.act(name="late")
        return "late"
    else:
        return "early"
