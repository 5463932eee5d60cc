"""The parameters of a flow: given, left out, None, and of every type."""

from typing import Any

import fake
from expect import case

from nightshift import flow

DEFAULT = "from the file"


@case(result=["default", 3, 0.5, True, ["a"], {"k": 1}, None, "from the file"])
@case(
    result=["given", 0, 1.5, False, [], {}, "x", ""],
    given={
        "name": "given",
        "n": 0,
        "ratio": 1.5,
        "yes": False,
        "names": [],
        "sizes": {},
        "maybe": "x",
        "constant": "",
    },
)
@case(
    result=["default", 5, 0.5, True, ["x", "y"], {"k": 1}, None, "from the file"],
    given={"n": 5, "names": ["x", "y"], "maybe": None},
)
@flow
def defaults(
    name: str = "default",
    n: int = 3,
    ratio: float = 0.5,
    yes: bool = True,
    names: list[str] = ["a"],
    sizes: dict[str, int] = {"k": 1},
    maybe: str | None = None,
    constant: str = DEFAULT,
) -> list[object]:
    return [name, n, ratio, yes, names, sizes, maybe, constant]


@case(result="given!", given={"name": "given"}, calls=["act given"])
@flow
def required(name: str) -> str:
    fake.act(name=name)
    return name + "!"


@case(result=["late", "given"], given={"name": "given"}, calls=["act a", "act given", "act late"])
@flow
def parameters_after_a_call(name: str) -> list[str]:
    """The input of the run stays at hand after a Task; a parameter may be assigned anew."""
    fake.act(name="a")
    before = fake.act(name=name).name
    name = "late"
    fake.act(name=name)
    return [name, before]


@case(result=["a b", {"deep": [{"x": None}]}], given={"text": "a b", "data": {"deep": [{"x": None}]}})
@flow
def values_from_outside(text: str, data: dict[str, Any]) -> list[object]:
    return [text, data]


@case(result=[1, "many"], given={"target": ["i-1"]})
@case(result=[3, "one"], given={"target": "i-1"})
@flow
def keyword_only(*, target: Any, n: int = 1) -> list[object]:
    return [1, "many"] if target == ["i-1"] else [n + 2, "one"]


@case(result=["and", 1, "x"], given={"states": "and", "count": 1, "millis": "x"})
@flow
def names_that_mean_something(states: str, count: int, millis: str) -> list[object]:
    """They are names of JSONata and of Step Functions."""
    v = states
    w = count
    length = millis
    return [v, w, length]


@case(result=3, given={"_private": 1, "long_" + "x" * 90: 2})
@flow
def names_that_cannot_be_variables(
    _private: int,
    long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: int,
) -> int:
    return _private + long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx


@case(result=3, given={"größe": 1, "数": 2}, unable={"moto": "it knows ASCII names only"})
@flow
def names_beyond_ascii(größe: int, 数: int) -> int:
    return größe + 数
